"""How fresh a vessel's newest position is, as one word."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """What a dispatcher may conclude about a vessel's position."""

    LIVE = "live"
    LATE = "late"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds after which a vessel counts as late, and as silent."""

    late_after_s: int
    silent_after_s: int


def age_seconds(recorded_at: datetime, now: datetime) -> int:
    """Whole seconds since the fix, never negative (a clock may be a little ahead)."""
    return max(0, int((now - recorded_at).total_seconds()))


def state_of(age_s: int | None, patience: Patience) -> State:
    """`silent` also for a vessel that never reported (age None)."""
    if age_s is None or age_s >= patience.silent_after_s:
        return State.SILENT
    return State.LATE if age_s >= patience.late_after_s else State.LIVE
