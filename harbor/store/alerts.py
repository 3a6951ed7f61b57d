"""Alerts: kept before they are acknowledged, with an outbox row for the feed."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from harbor.fleet.alert import Alert, RaisedAlert
from harbor.store import outbox
from harbor.store.models import Alert as AlertRow

REPEATED = timedelta(minutes=1)
"""A beacon says the same every few seconds: of that, one a minute is kept."""
_COLUMNS = tuple(Alert.__slots__)
# Workers that hear the same beacon take turns, or each would keep it.
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:fleet_id AS text), 7))")
# Raised again after it was called off it is news, however soon.
_REPEATED = """
WITH lately AS MATERIALIZED (
    SELECT is_over, text, recorded_at FROM alert
    WHERE fleet_id = :fleet_id AND vessel_id {whose} AND kind = :kind
        AND recorded_at > :recorded_at - :repeated AND recorded_at < :recorded_at + :repeated
)
SELECT EXISTS (
    SELECT FROM lately AS known
    WHERE is_over = :is_over AND text = :text AND NOT EXISTS (
        SELECT FROM lately AS after
        WHERE after.is_over <> :is_over AND after.recorded_at > known.recorded_at
            AND after.recorded_at <= :recorded_at
    )
)
"""
# Two questions, because no index serves IS NOT DISTINCT FROM.
HERS_REPEATED = text(_REPEATED.format(whose="= CAST(:vessel_id AS uuid)"))
NOBODYS_REPEATED = text(_REPEATED.format(whose="IS NULL"))


def add(session: Session, alerts: Sequence[Alert]) -> tuple[UUID | None, list[RaisedAlert]]:
    """Those that are new, of one fleet, and the outbox row that tells the feed of them."""
    if not alerts:
        return None, []
    fleet_id = alerts[0].fleet_id
    session.execute(_TURN, {"fleet_id": fleet_id})
    raised = [found for alert in alerts if (found := _add(session, alert)) is not None]
    if not raised:
        return None, []
    return outbox.add_alerts(session, fleet_id, [one.id for one in raised]), raised


def _add(session: Session, alert: Alert) -> RaisedAlert | None:
    given = {name: getattr(alert, name) for name in _COLUMNS}
    is_repeated = HERS_REPEATED if alert.vessel_id else NOBODYS_REPEATED
    if session.scalar(is_repeated, {**given, "repeated": REPEATED}):
        return None
    statement = insert(AlertRow).values(given).on_conflict_do_nothing().returning(AlertRow.id)
    alert_id = session.scalar(statement)
    return None if alert_id is None else RaisedAlert(alert_id, alert)


def by_ids(session: Session, alert_ids: Sequence[UUID]) -> list[RaisedAlert]:
    """The oldest first."""
    if not alert_ids:
        return []
    query = select(AlertRow).where(AlertRow.id.in_(alert_ids)).order_by(AlertRow.id)
    return [_raised(row) for row in session.scalars(query)]


def since(session: Session, fleet_id: UUID, moment: datetime, limit: int) -> list[RaisedAlert]:
    """What came in from this moment on, the newest first."""
    query = (
        select(AlertRow)
        .where(AlertRow.fleet_id == fleet_id, AlertRow.received_at >= moment)
        .order_by(AlertRow.received_at.desc(), AlertRow.id.desc())
        .limit(limit)
    )
    return [_raised(row) for row in session.scalars(query)]


def after(
    session: Session,
    fleet_id: UUID,
    moment: datetime,
    limit: int,
    *,
    vessel_ids: Collection[UUID] | None = None,
    place: tuple[datetime, UUID] | None = None,
) -> list[RaisedAlert]:
    """What came in from this moment on and behind this place, the oldest first.

    `vessel_ids` are whose alerts are wanted; None: of all vessels, and of none of them.
    """
    query = select(AlertRow).where(
        AlertRow.fleet_id == fleet_id, AlertRow.received_at >= moment
    )
    if vessel_ids is not None:
        query = query.where(AlertRow.vessel_id.in_(vessel_ids))
    if place is not None:
        query = query.where(tuple_(AlertRow.received_at, AlertRow.id) > place)
    query = query.order_by(AlertRow.received_at, AlertRow.id).limit(limit)
    return [_raised(row) for row in session.scalars(query)]


def trim(session: Session, oldest: datetime, most: int) -> int:
    """Forget what came in before; how many there were, at most `most` at once."""
    old = select(AlertRow.id).where(AlertRow.received_at < oldest).limit(most)
    return len(
        session.scalars(
            delete(AlertRow).where(AlertRow.id.in_(old)).returning(AlertRow.id)
        ).all()
    )


def _raised(row: AlertRow) -> RaisedAlert:
    return RaisedAlert(row.id, Alert(**{name: getattr(row, name) for name in _COLUMNS}))
