"""Rejected reports: kept as they came in, counted per vessel and reason, bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from harbor.fleet.verdict import Fix, Reason
from harbor.store.database import Database
from harbor.store.positions import Key

RAW_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Rejected:
    """One report that was not put on the map, and why; `fix` when it could be read.

    `format` is what `raw` is written in.
    """

    fleet_id: UUID
    tracker_id: UUID
    vessel_id: UUID | None
    received_at: datetime
    reason: Reason
    detail: str
    raw: bytes
    fix: Fix | None = None
    format: str = "harbor"


_KEEP = text("""
WITH incoming AS (
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r(fleet_id uuid, tracker_id uuid,
        vessel_id uuid, received_at timestamptz, reason text, detail text, raw text,
        recorded_at timestamptz, latitude float8, longitude float8, format text)
), kept AS (
    INSERT INTO rejected_report (fleet_id, tracker_id, vessel_id, received_at, reason, detail,
        raw, recorded_at, latitude, longitude, digest, format)
    SELECT fleet_id, tracker_id, vessel_id, received_at, reason, detail, decode(raw, 'hex'),
        recorded_at, latitude, longitude, sha256(decode(raw, 'hex')), format
    FROM incoming
    ON CONFLICT (tracker_id, reason, digest) WHERE digest IS NOT NULL DO NOTHING
    RETURNING fleet_id, vessel_id, reason, received_at
)
INSERT INTO quarantine_count AS c (fleet_id, vessel_id, reason, reports, last_at)
SELECT fleet_id, vessel_id, reason, count(*), max(received_at) FROM kept
GROUP BY fleet_id, vessel_id, reason
ORDER BY fleet_id, vessel_id, reason
ON CONFLICT (fleet_id, vessel_id, reason) DO UPDATE
SET reports = c.reports + excluded.reports, last_at = greatest(c.last_at, excluded.last_at)
""")


def keep(session: Session, rejected: Sequence[Rejected]) -> None:
    """Store and count them; what a tracker repeats, byte for byte, is kept and counted once.

    Of a longer raw form only the first 64 KiB are kept.
    """
    rows = orjson.dumps([_row(one) for one in rejected]).decode()
    session.execute(_KEEP, {"rows": rows})


def _row(one: Rejected) -> dict[str, object]:
    fix = one.fix
    return {
        "fleet_id": one.fleet_id,
        "tracker_id": one.tracker_id,
        "vessel_id": one.vessel_id,
        "received_at": one.received_at,
        "reason": one.reason,
        "detail": one.detail.replace("\0", "\ufffd")[:1000],
        "raw": one.raw[:RAW_BYTES_MAX].hex(),
        "recorded_at": fix and fix.recorded_at,
        "latitude": fix and fix.latitude,
        "longitude": fix and fix.longitude,
        "format": one.format,
    }


_SUSPECTS = text("""
SELECT k.tracker_id, k.vessel_id, s.recorded_at, s.latitude, s.longitude
FROM (SELECT DISTINCT * FROM json_to_recordset(CAST(:sailors AS json))
      AS r(tracker_id uuid, vessel_id uuid)) AS k
CROSS JOIN LATERAL (
    SELECT recorded_at, latitude, longitude FROM rejected_report
    WHERE tracker_id = k.tracker_id AND vessel_id = k.vessel_id AND reason = 'teleport'
        AND recorded_at IS NOT NULL
    ORDER BY id DESC LIMIT 1
) AS s
""")


def suspects(session: Session, keys: Sequence[Key]) -> dict[tuple[UUID, UUID], Fix]:
    """The last teleport of each tracker and vessel that is still in quarantine."""
    sailors = {(key[3], key[1]) for key in keys}
    asked = [{"tracker_id": tracker, "vessel_id": vessel} for tracker, vessel in sailors]
    rows = session.execute(_SUSPECTS, {"sailors": orjson.dumps(asked).decode()})
    return {
        (row.tracker_id, row.vessel_id): Fix(row.recorded_at, row.latitude, row.longitude)
        for row in rows
    }


ONE_AT_A_TIME = 4_715_011
TRANSACTIONS_MAX = 20
"""For each bound in one call; what is left goes next time."""


def trim(
    database: Database, most: int, most_per_tracker: int, older_than: datetime, at_once: int
) -> int:
    """Delete the oldest beyond the bounds, `at_once` in a transaction; returns how many went.

    Each tracker's share before the whole: who sends much pushes out none but its own. What
    another worker is deleting is left to it. Raises Unavailable.
    """
    bounds = {"most": most, "most_per_tracker": most_per_tracker, "older_than": older_than}
    asked = bounds | {"at_once": at_once}
    gone = 0
    for statement in (_AGED, _SHARES, _OVERALL):
        for _ in range(TRANSACTIONS_MAX):
            with database.session() as session:
                deleted = _trim_some(session, statement, asked)
            gone += deleted
            if deleted < at_once:
                break
    return gone


def _trim_some(session: Session, statement: TextClause, asked: dict[str, object]) -> int:
    """How many went: none while another worker is at it."""
    lock = {"lock": ONE_AT_A_TIME}
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), lock):
        return 0
    return int(session.execute(statement, asked).rowcount)  # type: ignore[attr-defined]


_AGED = text("""
DELETE FROM rejected_report WHERE id IN (
    SELECT id FROM rejected_report WHERE received_at < :older_than
    ORDER BY received_at LIMIT :at_once)
""")
_SHARES = text("""
DELETE FROM rejected_report WHERE id IN (
    SELECT over.id FROM tracker AS t
    CROSS JOIN LATERAL (
        SELECT id FROM rejected_report AS r WHERE r.tracker_id = t.id
        ORDER BY r.id DESC OFFSET :most_per_tracker LIMIT :at_once) AS over
    LIMIT :at_once)
""")
_OVERALL = text("""
DELETE FROM rejected_report WHERE id IN (
    SELECT over.id FROM fleet AS f
    CROSS JOIN LATERAL (
        SELECT id FROM rejected_report AS r WHERE r.fleet_id = f.id
        ORDER BY r.id DESC OFFSET :most LIMIT :at_once) AS over
    LIMIT :at_once)
""")
