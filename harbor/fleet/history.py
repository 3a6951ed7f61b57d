"""How a fleet's past is cut up to be replayed: how fine, in which slices, in which order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SPAN_MAX = timedelta(days=7)
VESSELS_MAX = 2_000
FIXES_MAX = 1_200_000
"""What a browser keeps: 18 bytes each, twice while it grows."""
SLICES_MAX = 500
SLICE_ROWS = 40_000
"""Read at once: about 50 ms of PostgreSQL."""
SLICE_S_MAX = 2 * 3_600
RHYTHM_S = 10
"""What a tracker is taken to send; with another one a slice has more or fewer rows."""
STEPS_S = (
    (timedelta(hours=6), 10),
    (timedelta(hours=24), 30),
    (timedelta(days=3), 60),
    (SPAN_MAX, 120),
)
"""At 600 times the speed even the coarsest is five fixes a second."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of time, `end_at` not included."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """One answer: a vessel has at most one fix in `step_s`, besides gaps and turns."""

    start_at: datetime
    end_at: datetime
    step_s: int
    slice_s: int

    @property
    def slices(self) -> list[Slice]:
        long = timedelta(seconds=self.slice_s)
        count = -(-(self.end_at - self.start_at) // long)
        starts = (self.start_at + number * long for number in range(count))
        return [Slice(at, min(at + long, self.end_at)) for at in starts]

    def sent_from(self, moment: datetime) -> Iterator[Slice]:
        """First what is played from `moment` on, then what was before, the youngest first."""
        slices = self.slices
        first = sum(one.end_at <= moment for one in slices[:-1])
        yield from slices[first:]
        yield from reversed(slices[:first])


def plan(start_at: datetime, end_at: datetime, vessels: int) -> Plan:
    """How to send this period of so many vessels."""
    span = end_at - start_at
    usual_s = next((step_s for until, step_s in STEPS_S if span <= until), STEPS_S[-1][1])
    seconds = span.total_seconds()
    step_s = max(usual_s, _up(seconds * vessels / FIXES_MAX, 10))
    calm_s = min(SLICE_ROWS * RHYTHM_S / max(1, vessels), SLICE_S_MAX)
    slice_s = _up(max(calm_s, seconds / SLICES_MAX), step_s)
    return Plan(_down(start_at, step_s), end_at, step_s, slice_s)


def _up(seconds: float, step_s: int) -> int:
    return int(-(-seconds // step_s) * step_s)


def _down(moment: datetime, step_s: int) -> datetime:
    """Steps begin at the same moments in every answer, so that the same fixes are kept."""
    return datetime.fromtimestamp(moment.timestamp() // step_s * step_s, tz=UTC)
