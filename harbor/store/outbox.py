"""Committed batches that the feed has not taken yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from harbor.store.models import FeedOutbox
from harbor.store.positions import Key, keys_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """One batch: the keys of new positions, vessels whose particulars changed, or alerts."""

    outbox_id: UUID
    fleet_id: UUID
    positions: tuple[Key, ...]
    vessels: tuple[UUID, ...]
    change: str
    alerts: tuple[UUID, ...] = ()


def claim(session: Session, age_s: float, limit: int = 1) -> list[Waiting]:
    """Lock the oldest batches that have waited so long; those another worker has are skipped.

    Both times are PostgreSQL's, so that our clock need not agree with it.
    """
    rows = session.scalars(
        select(FeedOutbox)
        .where(FeedOutbox.created_at < func.now() - timedelta(seconds=age_s))
        .order_by(FeedOutbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_waiting(row) for row in rows]


def remove(session: Session, outbox_ids: Sequence[UUID]) -> None:
    """Forget batches that the feed has taken; losing this in a crash repeats nothing."""
    session.execute(text("SET LOCAL synchronous_commit = off"))
    session.execute(delete(FeedOutbox).where(FeedOutbox.id.in_(outbox_ids)))


def add_vessel_change(
    session: Session, fleet_id: UUID, vessel_ids: Sequence[UUID], change: str
) -> None:
    """Tell the feed of vessels that were `added`, `renamed` or `removed`."""
    content = {"vessels": [str(vessel_id) for vessel_id in vessel_ids], "change": change}
    session.execute(insert(FeedOutbox).values(fleet_id=fleet_id, content=content))


def add_position(session: Session, key: Key) -> None:
    """Tell the feed of a position that was stored without an outbox row."""
    fleet_id, vessel_id, recorded_at, tracker_id = key
    content = {"positions": [[str(vessel_id), recorded_at.isoformat(), str(tracker_id)]]}
    session.execute(insert(FeedOutbox).values(fleet_id=fleet_id, content=content))


def add_alerts(session: Session, fleet_id: UUID, alert_ids: Sequence[UUID]) -> UUID | None:
    """Tell the feed of alerts; the id of the batch."""
    content = {"alerts": [str(alert_id) for alert_id in alert_ids]}
    row = insert(FeedOutbox).values(fleet_id=fleet_id, content=content)
    return session.scalar(row.returning(FeedOutbox.id))


def _waiting(row: FeedOutbox) -> Waiting:
    content: dict[str, list[str]] = row.content  # type: ignore[assignment]  # written above
    return Waiting(
        outbox_id=row.id,
        fleet_id=row.fleet_id,
        positions=tuple(keys_of(row.fleet_id, content.get("positions", []))),
        vessels=tuple(UUID(vessel) for vessel in content.get("vessels", [])),
        change=str(row.content.get("change", "")),
        alerts=tuple(UUID(alert) for alert in content.get("alerts", [])),
    )
