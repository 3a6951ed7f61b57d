"""A tracker's rhythm: the interval at which it reports, learned from its last fixes."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable

from harbor.fleet.status import Patience, State, state_of

STEPS_MAX = 20
STEPS_MIN = 3
LATE_AFTER_INTERVALS = 2
SILENT_AFTER_INTERVALS = 5
INTERVAL_SECONDS_LEAST = 5.0
"""A fix takes a moment to come here: nobody is late for a second (as static/js/rhythm.js)."""
GAP_SECONDS_MIN = 60.0
"""A shorter silence is no gap, however fast the tracker is."""


class Rhythm:
    """The median of the last steps between fixes; it follows a tracker that changes its own."""

    __slots__ = ("_sorted", "_steps")

    def __init__(self) -> None:
        self._steps: deque[float] = deque()
        self._sorted: list[float] = []

    def note(self, step_s: float) -> None:
        """One step; two fixes of one moment are none."""
        if step_s <= 0:
            return
        if len(self._steps) == STEPS_MAX:
            oldest = self._steps.popleft()
            del self._sorted[bisect_left(self._sorted, oldest)]
        self._steps.append(step_s)
        insort(self._sorted, step_s)

    @property
    def interval_s(self) -> float | None:
        """None while there are too few steps to know."""
        count = len(self._sorted)
        if count < STEPS_MIN:
            return None
        middle = count // 2
        if count % 2:
            return self._sorted[middle]
        return (self._sorted[middle - 1] + self._sorted[middle]) / 2

    def is_gap(self, step_s: float) -> bool:
        """Whether so long a step breaks the rhythm so far; never while it is unknown."""
        if step_s <= GAP_SECONDS_MIN:
            return False
        interval_s = self.interval_s
        return interval_s is not None and step_s > SILENT_AFTER_INTERVALS * interval_s


def interval_seconds(moments_s: Iterable[float]) -> float | None:
    """The rhythm of fixes recorded at these moments (seconds, oldest first)."""
    rhythm = Rhythm()
    before: float | None = None
    for moment_s in moments_s:
        if before is not None:
            rhythm.note(moment_s - before)
        before = moment_s
    return rhythm.interval_s


def freshness(age_s: int | None, interval_s: float | None, patience: Patience) -> State:
    """By the tracker's own rhythm; by the settings' patience while it is unknown."""
    if age_s is None or interval_s is None:
        return state_of(age_s, patience)
    least_s = max(interval_s, INTERVAL_SECONDS_LEAST)
    if age_s >= SILENT_AFTER_INTERVALS * least_s:
        return State.SILENT
    return State.LATE if age_s >= LATE_AFTER_INTERVALS * least_s else State.LIVE
