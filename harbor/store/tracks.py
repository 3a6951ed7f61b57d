"""The track of one vessel: its fixes between two moments, the oldest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.store.positions import STORED_COLUMNS, StoredPosition, stored

DAYS_AT_ONCE = timedelta(days=32)
"""A question over years would plan and lock every partition in between."""
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Place:
    """A fix of the track, behind which the next page begins."""

    recorded_at: datetime
    tracker_id: UUID


TRACK = f"""
SELECT {", ".join(STORED_COLUMNS)} FROM position
WHERE fleet_id = :fleet_id AND vessel_id = :vessel_id
    AND recorded_at >= :start_at AND recorded_at < :end_at
    AND (recorded_at, tracker_id) > (:after_at, :after_tracker_id)
ORDER BY recorded_at, tracker_id
LIMIT :limit
"""  # noqa: S608 - the names are constants


def track(
    session: Session,
    fleet_id: UUID,
    vessel_id: UUID,
    start_at: datetime,
    end_at: datetime,
    limit: int,
    after: Place | None = None,
) -> list[StoredPosition]:
    """At most `limit` fixes from `start_at` on and before `end_at`, behind `after`."""
    behind = after or Place(start_at, NOBODY)
    found: list[StoredPosition] = []
    from_at = max(start_at, behind.recorded_at)
    while from_at < end_at and len(found) < limit:
        to_at = min(end_at, from_at + DAYS_AT_ONCE)
        rows = session.execute(
            text(TRACK),
            {
                "fleet_id": fleet_id,
                "vessel_id": vessel_id,
                "start_at": from_at,
                "end_at": to_at,
                "after_at": behind.recorded_at,
                "after_tracker_id": behind.tracker_id,
                "limit": limit - len(found),
            },
        )
        found += [stored(row) for row in rows.mappings()]
        from_at = to_at
    return found
