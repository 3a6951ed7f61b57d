"""The fixes around a moment: by them a doubtful one is judged."""

from collections.abc import Sequence

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.fleet.verdict import Fix
from harbor.store.positions import Key

NEIGHBOURS = """
SELECT k.number,
    before.recorded_at AS before_at, before.latitude AS before_latitude,
    before.longitude AS before_longitude,
    after.recorded_at AS after_at, after.latitude AS after_latitude,
    after.longitude AS after_longitude
FROM json_to_recordset(CAST(:keys AS json)) AS k(number int, fleet_id uuid, vessel_id uuid,
    recorded_at timestamptz, tracker_id uuid)
LEFT JOIN LATERAL (
    SELECT recorded_at, latitude, longitude FROM position AS p
    WHERE p.fleet_id = k.fleet_id AND p.vessel_id = k.vessel_id
        AND p.tracker_id = k.tracker_id AND p.recorded_at <= k.recorded_at
        AND p.recorded_at >= k.recorded_at - interval '31 days'
    ORDER BY p.recorded_at DESC LIMIT 1
) AS before ON true
LEFT JOIN LATERAL (
    SELECT recorded_at, latitude, longitude FROM position AS p
    WHERE p.fleet_id = k.fleet_id AND p.vessel_id = k.vessel_id
        AND p.tracker_id = k.tracker_id AND p.recorded_at > k.recorded_at
        AND p.recorded_at <= k.recorded_at + interval '31 days'
    ORDER BY p.recorded_at LIMIT 1
) AS after ON true
ORDER BY k.number
"""


def around(session: Session, keys: Sequence[Key]) -> list[tuple[Fix | None, Fix | None]]:
    """The same tracker's fixes at or before each key's time, and after it, in one query.

    A month away at most: in that time a vessel that makes 15 knots can be anywhere.
    """
    names = ("number", "fleet_id", "vessel_id", "recorded_at", "tracker_id")
    asked = [dict(zip(names, (at, *key), strict=True)) for at, key in enumerate(keys)]
    rows = session.execute(text(NEIGHBOURS), {"keys": orjson.dumps(asked).decode()})
    return [
        (
            row.before_at and Fix(row.before_at, row.before_latitude, row.before_longitude),
            row.after_at and Fix(row.after_at, row.after_latitude, row.after_longitude),
        )
        for row in rows
    ]
