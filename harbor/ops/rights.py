"""Whether somebody may still do what they began: asked seldom, and once for many."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from weakref import WeakValueDictionary

from harbor.errors import Unavailable

AGAIN_SECONDS = 5.0
GRACE_SECONDS = 25.0
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
            holds = ask()
        except Unavailable:
            if known is None or now - known.given_at > GRACE_SECONDS:
                raise
            return known.holds
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        self._known[who] = Answer(holds, now, now)
        return holds
