"""The track of one vessel: its fixes between two moments, the oldest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.fleet.geojson import moment_of
from harbor.fleet.track import TrackFix
from harbor.store.positions import STORED_COLUMNS, StoredPosition, stored

DAYS_AT_ONCE = timedelta(days=32)
"""A question over years would plan and lock every partition in between."""
NOBODY = UUID(int=0)
_read_uuid = lru_cache(maxsize=1000)(UUID)


@dataclass(frozen=True, slots=True)
class Place:
    """A fix of the track, behind which the next page begins."""

    recorded_at: datetime
    tracker_id: UUID


_WHOSE = ("fleet_id", "vessel_id")
_SAID = [name for name in STORED_COLUMNS if name not in (*_WHOSE, "tracker_id")]

_PAGE = """
FROM position
WHERE fleet_id = :fleet_id AND vessel_id = :vessel_id
    AND recorded_at >= :start_at AND recorded_at < :end_at
    AND (recorded_at, tracker_id) > (:after_at, :after_tracker_id)
ORDER BY recorded_at, tracker_id
LIMIT :limit
"""

# Whose they are is known, and there are few trackers: reading three UUIDs in each of
# thousands of rows would be half of the work.
TRACK = f"SELECT CAST(tracker_id AS text) AS tracker, {', '.join(_SAID)} {_PAGE}"

# As one JSON text: PostgreSQL's process makes it and orjson reads it in a tenth of the time
# that a worker takes for as many rows, and a month has a quarter of a million.
FIXES = f"""
SELECT CAST(json_agg(json_build_array(
    CAST(extract(epoch FROM recorded_at) AS float8), latitude, longitude,
    speed_knots, course_degrees, tracker_id
) ORDER BY recorded_at, tracker_id) AS text)
FROM (
    SELECT recorded_at, latitude, longitude, speed_knots, course_degrees, tracker_id {_PAGE}
) AS page
"""  # noqa: S608 - the pieces are constants


def fixes(
    session: Session,
    fleet_id: UUID,
    vessel_id: UUID,
    start_at: datetime,
    end_at: datetime,
    limit: int,
    after: Place | None = None,
) -> list[TrackFix]:
    """As `track`, but only where, when and how fast, for at most 32 days."""
    behind = after or Place(start_at, NOBODY)
    until = min(end_at, start_at + DAYS_AT_ONCE)
    from_at = max(start_at, behind.recorded_at)
    asked = _page(fleet_id, vessel_id, from_at, until, behind, limit)
    found = session.execute(text(FIXES), asked).scalar()
    return [TrackFix._make(row) for row in orjson.loads(found)] if found else []


def place_of(fix: TrackFix) -> Place:
    return Place(moment_of(round(fix.at_s * 1_000_000)), _read_uuid(fix.tracker))


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
        asked = _page(fleet_id, vessel_id, from_at, to_at, behind, limit - len(found))
        rows = session.execute(text(TRACK), asked).mappings()
        whose = {"fleet_id": fleet_id, "vessel_id": vessel_id}
        found += [
            stored({**row, **whose, "tracker_id": _read_uuid(row["tracker"])}) for row in rows
        ]
        from_at = to_at
    return found


def _page(
    fleet_id: UUID,
    vessel_id: UUID,
    start_at: datetime,
    end_at: datetime,
    behind: Place,
    limit: int,
) -> dict[str, object]:
    """What one question asks for; `behind` leaves out what has been read already."""
    return {
        "fleet_id": fleet_id,
        "vessel_id": vessel_id,
        "start_at": start_at,
        "end_at": end_at,
        "after_at": behind.recorded_at,
        "after_tracker_id": behind.tracker_id,
        "limit": limit,
    }
