"""Rejected reports: kept as they came in, bounded per fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from harbor.store.models import RejectedReport

RAW_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Rejected:
    """One report that was not put on the map, and why."""

    fleet_id: UUID
    tracker_id: UUID
    vessel_id: UUID | None
    received_at: datetime
    reason: str
    detail: str
    raw: bytes


def keep(session: Session, rejected: Sequence[Rejected]) -> None:
    """Store them; of a longer raw form only the first 64 KiB are kept."""
    session.execute(
        insert(RejectedReport),
        [
            {
                "fleet_id": one.fleet_id,
                "tracker_id": one.tracker_id,
                "vessel_id": one.vessel_id,
                "received_at": one.received_at,
                "reason": one.reason,
                "detail": one.detail.replace("\0", "\ufffd")[:1000],
                "raw": one.raw[:RAW_BYTES_MAX],
            }
            for one in rejected
        ],
    )


def trim(session: Session, most: int) -> int:
    """Delete the oldest of each fleet that has more than `most`; returns how many went."""
    result = session.execute(
        text("""
        DELETE FROM rejected_report AS r
        USING fleet AS f,
            LATERAL (SELECT id FROM rejected_report AS kept
                     WHERE kept.fleet_id = f.id
                     ORDER BY kept.id DESC OFFSET :most LIMIT 1) AS border
        WHERE r.fleet_id = f.id AND r.id <= border.id
        """),
        {"most": most},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE has one
