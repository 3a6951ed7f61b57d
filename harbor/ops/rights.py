"""Whether somebody may still do what they began: asked seldom, and once for many."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from weakref import WeakValueDictionary

from harbor.errors import Unavailable

AGAIN_SECONDS = 5.0
GRACE_SECONDS = 25.0
AWAY_SECONDS = 2.0
"""When one waited in vain, the others don't: one time-out for each of them takes minutes."""
KNOWN_MAX = 10_000


@dataclass(slots=True)
class Answer:
    """The last answer, when it was given, and when it was last asked for."""

    holds: bool
    given_at: float
    asked_at: float


class Rights:
    """Remembers answers for a few seconds; without a new one, for a little longer."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._away_at = float("-inf")
        self._known: dict[str, Answer] = {}
        self._questions: WeakValueDictionary[str, Callable[[], bool]] = WeakValueDictionary()

    def question(self, who: str, ask: Callable[[], bool]) -> Callable[[], bool]:
        """`hold`, to be asked later: one object for all who may do the same."""
        known = self._questions.get(who)
        if known is None:
            known = self._questions[who] = lambda: self.hold(who, ask)
        return known

    def hold(self, who: str, ask: Callable[[], bool]) -> bool:
        """The answer of `ask`, at most five seconds old.

        When `ask` raises Unavailable the last answer holds, 25 seconds at most.
        """
        now = self._clock()
        known = self._known.get(who)
        if known is not None and now - known.asked_at < AGAIN_SECONDS:
            if now - known.given_at > GRACE_SECONDS:
                raise Unavailable("Whether this may go on can't be checked.")
            return known.holds
        if known is not None:
            known.asked_at = now  # marked first: others go on with the last answer
        try:
            holds = self._ask(ask, is_urgent=known is None)
        except Unavailable:
            if known is None or now - known.given_at > GRACE_SECONDS:
                raise
            return known.holds
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        self._known[who] = Answer(holds, now, now)
        return holds

    def _ask(self, ask: Callable[[], bool], *, is_urgent: bool) -> bool:
        """Raises Unavailable, at once when another's question has just failed so."""
        if not is_urgent and self._clock() - self._away_at < AWAY_SECONDS:
            raise Unavailable("Whether this may go on can't be checked.")
        try:
            return ask()
        except Unavailable:
            self._away_at = self._clock()
            raise
