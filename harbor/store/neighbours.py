"""The fixes around a moment: by them a doubtful one is judged."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.fleet.verdict import Fix
from harbor.store.positions import Key

MONTH = timedelta(days=31)
ROWS_WALKED_MIN = 500
ROWS_WALKED_MAX = 20_000
"""Before all keys of a query together, and as many after; for each key at least the MIN."""

NEIGHBOURS = """
SELECT k.number,
    before.recorded_at AS before_at, before.latitude AS before_latitude,
    before.longitude AS before_longitude,
    after.recorded_at AS after_at, after.latitude AS after_latitude,
    after.longitude AS after_longitude
FROM json_to_recordset(CAST(:keys AS json)) AS k(number int, fleet_id uuid, vessel_id uuid,
    recorded_at timestamptz, tracker_id uuid)
LEFT JOIN LATERAL (
    SELECT * FROM (
        SELECT p.tracker_id, p.recorded_at, p.latitude, p.longitude FROM position AS p
        WHERE p.fleet_id = k.fleet_id AND p.vessel_id = k.vessel_id
            AND p.recorded_at BETWEEN k.recorded_at - interval '31 days' AND k.recorded_at
            AND p.recorded_at BETWEEN :earliest_at AND :last_at
        ORDER BY p.recorded_at DESC LIMIT :rows_walked
    ) AS walked
    WHERE tracker_id = k.tracker_id ORDER BY recorded_at DESC LIMIT 1
) AS before ON true
LEFT JOIN LATERAL (
    SELECT * FROM (
        SELECT p.tracker_id, p.recorded_at, p.latitude, p.longitude FROM position AS p
        WHERE p.fleet_id = k.fleet_id AND p.vessel_id = k.vessel_id
            AND p.recorded_at > k.recorded_at
            AND p.recorded_at <= k.recorded_at + interval '31 days'
            AND p.recorded_at BETWEEN :first_at AND :latest_at
        ORDER BY p.recorded_at LIMIT :rows_walked
    ) AS walked
    WHERE tracker_id = k.tracker_id ORDER BY recorded_at LIMIT 1
) AS after ON true
ORDER BY k.number
"""


def around(session: Session, keys: Sequence[Key]) -> list[tuple[Fix | None, Fix | None]]:
    """The same tracker's fixes at or before each key's time, and after it.

    A month away at most: in that time a vessel that makes 15 knots can be anywhere. And one
    behind too many fixes of the vessel's other trackers is not seen, so that a fix may be
    believed that would else be refused. Beside one that reports every 10 s, "too many" are
    two days for a single key, and 83 minutes for each of forty or more.
    """
    found: dict[Key, tuple[Fix | None, Fix | None]] = {}
    for stretch in _stretches(keys):
        rows = session.execute(text(NEIGHBOURS), question(stretch))
        for key, row in zip(stretch, rows, strict=True):
            found[key] = (
                row.before_at and Fix(row.before_at, row.before_latitude, row.before_longitude),
                row.after_at and Fix(row.after_at, row.after_latitude, row.after_longitude),
            )
    return [found[key] for key in keys]


def _stretches(keys: Sequence[Key]) -> list[list[Key]]:
    """Keys whose months meet: one old fix must not lock all partitions from then to now."""
    stretches: list[list[Key]] = []
    for key in sorted(set(keys), key=lambda key: key[2]):
        if not stretches or key[2] - stretches[-1][-1][2] > 2 * MONTH:
            stretches.append([])
        stretches[-1].append(key)
    return stretches


def question(keys: Sequence[Key]) -> dict[str, Any]:
    """What the query is asked, with bounds of its own.

    By the keys alone PostgreSQL would plan and lock every partition.
    """
    names = ("number", "fleet_id", "vessel_id", "recorded_at", "tracker_id")
    asked = [dict(zip(names, (at, *key), strict=True)) for at, key in enumerate(keys)]
    moments = [recorded_at for _, _, recorded_at, _ in keys]
    first_at, last_at = min(moments), max(moments)
    return {
        "keys": orjson.dumps(asked).decode(),
        "earliest_at": first_at - MONTH,
        "first_at": first_at,
        "last_at": last_at,
        "latest_at": last_at + MONTH,
        "rows_walked": max(ROWS_WALKED_MIN, ROWS_WALKED_MAX // len(keys)),
    }
