"""Positions in PostgreSQL: the group commit of the write path, and look-ups by key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, text
from sqlalchemy.orm import Session

from harbor.fleet.report import PositionReport

Key = tuple[UUID, UUID, datetime, UUID]
"""fleet, vessel, recorded_at, tracker: the primary key of a position."""

_COLUMNS = (
    ("fleet_id", "uuid"),
    ("vessel_id", "uuid"),
    ("recorded_at", "timestamptz"),
    ("tracker_id", "uuid"),
    ("received_at", "timestamptz"),
    ("latitude", "float8"),
    ("longitude", "float8"),
    ("speed_knots", "float8"),
    ("course_degrees", "float8"),
    ("heading_degrees", "float8"),
    ("accuracy_metres", "float8"),
    ("altitude_metres", "float8"),
    ("battery_percent", "float8"),
    ("navigation_status", "text"),
    ("source", "text"),
    ("attributes", "jsonb"),
)
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_VALUES = _NAMES.replace("attributes", "NULLIF(attributes, '{}')")
_REPORTED = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS if name != "received_at")
"""As PositionReport names them."""

_STORED = f"""
WITH incoming AS (
    SELECT *, CAST(:received_at AS timestamptz) AS received_at
    FROM json_to_recordset(CAST(:rows AS json)) AS r({_REPORTED})
), stored AS (
    INSERT INTO position ({_NAMES})
    SELECT {_VALUES} FROM incoming
    ON CONFLICT DO NOTHING
    RETURNING fleet_id, vessel_id, recorded_at, tracker_id
)"""  # noqa: S608 - the names are the constants above

_RECORD = text(f"""{_STORED}, boxed AS (
    INSERT INTO feed_outbox (fleet_id, content)
    SELECT fleet_id, jsonb_build_object('positions',
        jsonb_agg(jsonb_build_array(vessel_id, recorded_at, tracker_id)))
    FROM stored GROUP BY fleet_id
    RETURNING id, fleet_id, content
)
SELECT id, fleet_id, jsonb_array_length(content->'positions') AS length,
    CASE WHEN (SELECT count(*) FROM stored) < :expected
         THEN content->'positions' END AS keys
FROM boxed
""")  # noqa: S608 - the names are the constants above

_BRING_IN = text(f"""{_STORED}
SELECT count(*) AS length, CASE WHEN count(*) < :expected THEN
    coalesce(jsonb_agg(jsonb_build_array(vessel_id, recorded_at, tracker_id)), '[]')
    END AS keys
FROM stored
""")  # noqa: S608 - the names are the constants above

Rows = Mapping[Key, PositionReport]
"""Reports by their keys."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit added for one fleet; the feed knows it by `outbox_id`."""

    outbox_id: UUID
    fleet_id: UUID
    rows: Rows


def record(connection: Connection, rows: Rows, received_at: datetime) -> list[Batch]:
    """Store what is new among `rows`, in one statement that is its own transaction.

    They come from `in_order` (no deadlocks). A key that is known already is left as it is:
    the first content wins. On return all is committed, when the connection is in autocommit.
    """
    found = connection.execute(_RECORD, _asked(rows, received_at)).all()
    if len(found) == 1 and found[0].keys is None:
        return [Batch(found[0].id, found[0].fleet_id, rows)]
    return [Batch(row.id, row.fleet_id, _new_of(row, rows)) for row in found]


def bring_in(
    connection: Connection, fleet_id: UUID, rows: Rows, received_at: datetime
) -> set[Key]:
    """Store what is new among `rows` of one fleet as `record` does, without telling the feed.

    Returns their keys. A million fixes of last year are no news: they would push what is out
    of the feed's history.
    """
    row = connection.execute(_BRING_IN, _asked(rows, received_at)).one()
    return set(rows) if row.keys is None else set(keys_of(fleet_id, row.keys))


def _asked(rows: Rows, received_at: datetime) -> dict[str, object]:
    given = orjson.dumps(list(rows.values())).decode()
    return {"rows": given, "received_at": received_at, "expected": len(rows)}


def _new_of(row: Row[Any], rows: Rows) -> Rows:
    """The rows of one fleet that the statement added; `keys` None: all of them."""
    if row.keys is None:
        return {key: report for key, report in rows.items() if key[0] == row.fleet_id}
    return {key: rows[key] for key in keys_of(row.fleet_id, row.keys)}


def in_order(reports: Iterable[PositionReport]) -> Rows:
    """By their keys, as every worker locks them; of several under one key the first."""
    rows: dict[Key, PositionReport] = {}
    for report in reports:
        rows.setdefault(key_of(report), report)
    return dict(sorted(rows.items(), key=_lock_order)) if len(rows) > 1 else rows


def _lock_order(row: tuple[Key, PositionReport]) -> tuple[int, datetime, int]:
    _, vessel_id, recorded_at, tracker_id = row[0]
    return vessel_id.int, recorded_at, tracker_id.int  # integers compare faster than UUIDs


def key_of(report: PositionReport) -> Key:
    return report.fleet_id, report.vessel_id, report.recorded_at, report.tracker_id


def keys_of(fleet_id: UUID, keys: Sequence[Sequence[str]]) -> list[Key]:
    """Keys as the outbox keeps them (JSON text) as values."""
    return [
        (fleet_id, UUID(vessel), datetime.fromisoformat(at), UUID(tracker))
        for vessel, at, tracker in keys
    ]


@dataclass(frozen=True, slots=True)
class StoredPosition:
    """A committed report and when it reached us."""

    report: PositionReport
    received_at: datetime


STORED_COLUMNS = tuple(name for name, _ in _COLUMNS)
"""What `stored` reads."""

BY_KEYS = text(f"""
SELECT {", ".join(f"p.{name}" for name in STORED_COLUMNS)}
FROM json_to_recordset(CAST(:keys AS json))
    AS k(fleet_id uuid, vessel_id uuid, recorded_at timestamptz, tracker_id uuid)
JOIN position AS p USING (fleet_id, vessel_id, recorded_at, tracker_id)
WHERE p.recorded_at BETWEEN :first_at AND :last_at
ORDER BY p.recorded_at
""")  # noqa: S608 - the names are the constants above


def by_keys(connection: Connection | Session, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
    """The positions that exist under these keys, oldest first."""
    if not keys:
        return {}
    names = ("fleet_id", "vessel_id", "recorded_at", "tracker_id")
    asked = orjson.dumps([dict(zip(names, key, strict=True)) for key in keys]).decode()
    # Bounds of their own: by the join alone PostgreSQL would plan and lock every partition.
    moments = [recorded_at for _, _, recorded_at, _ in keys]
    bounds = {"first_at": min(moments), "last_at": max(moments)}
    rows = connection.execute(BY_KEYS, {"keys": asked, **bounds}).mappings()
    positions = [stored(row) for row in rows]
    return {key_of(position.report): position for position in positions}


def stored(row: Mapping[Any, Any]) -> StoredPosition:
    """A row of all columns as a value."""
    report = PositionReport(
        fleet_id=row["fleet_id"],
        vessel_id=row["vessel_id"],
        tracker_id=row["tracker_id"],
        recorded_at=row["recorded_at"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        speed_knots=row["speed_knots"],
        course_degrees=row["course_degrees"],
        heading_degrees=row["heading_degrees"],
        accuracy_metres=row["accuracy_metres"],
        altitude_metres=row["altitude_metres"],
        navigation_status=row["navigation_status"],
        battery_percent=row["battery_percent"],
        source=row["source"],
        attributes=row["attributes"] or {},
    )
    return StoredPosition(report, row["received_at"])
