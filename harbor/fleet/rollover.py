"""GPS counts weeks in ten bits: an old receiver's clock falls back by 1,024 of them."""

from datetime import datetime, timedelta

PERIOD = timedelta(weeks=1024)
PERIODS = (1, 2, -1, -2)
"""Receivers that guess their period may also be ahead."""


def periods_behind(recorded_at: datetime, now: datetime, tolerance: timedelta) -> int:
    """How often the week counter rolled over, or 0 when that does not explain the time."""
    for periods in PERIODS:
        if abs(now - recorded_at - periods * PERIOD) <= tolerance:
            return periods
    return 0
