"""What is aboard a vessel: its trackers, when each reported last, how its battery is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.fleet.rhythm import STEPS_MAX, interval_seconds

AHEAD = timedelta(days=1)
"""Behind it: what counts less goes on while she is followed by another."""
NEVER = datetime(2020, 1, 1, tzinfo=UTC)
"""No position is older."""
LOOK_BACK = timedelta(days=7)
"""Before the vessel's newest fix; what a tracker said earlier tells nothing of its rhythm."""


@dataclass(frozen=True, slots=True)
class Aboard:
    """A tracker that reports for a vessel; `newest_at` is its newest fix of this vessel.

    The lower its `precedence` the more it counts, see harbor.fleet.sources.
    """

    id: UUID
    name: str
    is_fleet_wide: bool
    last_seen_at: datetime | None
    revoked_at: datetime | None
    newest_at: datetime | None
    interval_s: float | None
    battery_percent: float | None
    source: str | None
    format: str
    precedence: int


# One that was not heard since has no fix to find, and to find none all fixes of the vessel are
# looked through: a fleet that has changed its trackers for years would wait for each of them.
LAST_FIXES = """
SELECT tracker.id, tracker.name, tracker.vessel_id IS NULL AS is_fleet_wide,
    tracker.last_seen_at, tracker.revoked_at, tracker.format, tracker.precedence,
    fix.recorded_at, fix.battery_percent, fix.source
FROM tracker LEFT JOIN LATERAL (
    SELECT recorded_at, battery_percent, source FROM position
    WHERE position.fleet_id = tracker.fleet_id AND position.vessel_id = :vessel_id
        AND position.tracker_id = tracker.id
        AND (tracker.last_seen_at IS NULL OR tracker.last_seen_at >= :since)
        AND position.recorded_at >= :since AND position.recorded_at <= :until
    ORDER BY position.recorded_at DESC
    LIMIT :limit
) AS fix ON true
WHERE tracker.fleet_id = :fleet_id
    AND (tracker.vessel_id = :vessel_id OR tracker.vessel_id IS NULL)
ORDER BY tracker.name, tracker.id, fix.recorded_at
"""


def trackers_of(
    session: Session, fleet_id: UUID, vessel_id: UUID, newest_at: datetime | None
) -> list[Aboard]:
    """By name. A fleet-wide tracker is among them when it reported for this vessel lately,
    a revoked one too."""
    until = newest_at or NEVER
    rows = session.execute(
        text(LAST_FIXES),
        {
            "fleet_id": fleet_id,
            "vessel_id": vessel_id,
            "since": until - LOOK_BACK,
            "until": until + AHEAD,
            "limit": STEPS_MAX + 1,
        },
    )
    trackers = [
        _aboard(list(fixes)) for _, fixes in groupby(rows.all(), key=lambda row: row.id)
    ]
    return [
        one for one in trackers if one.newest_at or not (one.is_fleet_wide or one.revoked_at)
    ]


def _aboard(rows: list[Any]) -> Aboard:
    """From a tracker's last fixes, oldest first; one row without a fix when it has none."""
    last = rows[-1]
    moments = [row.recorded_at.timestamp() for row in rows if row.recorded_at]
    batteries = [row.battery_percent for row in rows if row.battery_percent is not None]
    return Aboard(
        id=last.id,
        name=last.name,
        is_fleet_wide=last.is_fleet_wide,
        last_seen_at=last.last_seen_at,
        revoked_at=last.revoked_at,
        newest_at=last.recorded_at,
        interval_s=interval_seconds(moments),
        battery_percent=batteries[-1] if batteries else None,
        source=last.source,
        format=last.format,
        precedence=last.precedence,
    )
