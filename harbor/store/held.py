"""Reports in quarantine as the operator sees them: listed, counted, claimed, let go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, and_, delete, func, select, true
from sqlalchemy.orm import Session

from harbor.fleet.verdict import Reason
from harbor.store.models import QuarantineCount, RejectedReport, Tracker, Vessel

NO_VESSEL = UUID(int=0)
"""Stands for NULL where counts are joined: PostgreSQL can't hash IS NOT DISTINCT FROM."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which reports are meant; None: all.

    `recorded` is from a moment on and before another, by the tracker's clock; a report that
    told no time counts by when it came.
    """

    ids: tuple[UUID, ...] | None = None
    vessel_id: UUID | None = None
    reason: Reason | None = None
    since: datetime | None = None
    until: datetime | None = None
    recorded: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A report in quarantine; place and time when it was well formed.

    `format` is what `raw` is written in.
    """

    id: UUID
    received_at: datetime
    reason: Reason
    detail: str
    vessel_id: UUID | None
    vessel: str | None
    tracker_id: UUID
    tracker: str
    trackers_vessel_id: UUID | None
    recorded_at: datetime | None
    latitude: float | None
    longitude: float | None
    raw: bytes
    format: str
    trackers_format: str


def newest(session: Session, fleet_id: UUID, wish: Wish, limit: int) -> list[Held]:
    """The newest that are meant, the newest first."""
    query = _meant(fleet_id, wish).order_by(RejectedReport.id.desc()).limit(limit)
    return [Held(*row) for row in session.execute(query)]


def claim(
    session: Session, fleet_id: UUID, wish: Wish, beyond: UUID | None, limit: int
) -> list[Held]:
    """The next ones that are meant, the oldest first, locked until the end of the transaction.

    `beyond` is the last id of the claim before.
    """
    query = _meant(fleet_id, wish).order_by(RejectedReport.id).limit(limit)
    if beyond is not None:
        query = query.where(RejectedReport.id > beyond)
    locked = query.with_for_update(of=RejectedReport)
    return [Held(*row) for row in session.execute(locked)]


def remove(session: Session, ids: Sequence[UUID]) -> None:
    session.execute(delete(RejectedReport).where(RejectedReport.id.in_(ids)))


_HELD = (
    select(
        RejectedReport.id,
        RejectedReport.received_at,
        RejectedReport.reason,
        RejectedReport.detail,
        RejectedReport.vessel_id,
        Vessel.name,
        RejectedReport.tracker_id,
        Tracker.name,
        Tracker.vessel_id,
        RejectedReport.recorded_at,
        RejectedReport.latitude,
        RejectedReport.longitude,
        RejectedReport.raw,
        RejectedReport.format,
        Tracker.format,
    )
    .join(Tracker, Tracker.id == RejectedReport.tracker_id)
    .outerjoin(Vessel, Vessel.id == RejectedReport.vessel_id)
)


def _meant(fleet_id: UUID, wish: Wish) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = _HELD.where(RejectedReport.fleet_id == fleet_id)
    if wish.ids is not None:
        query = query.where(RejectedReport.id.in_(wish.ids))
    if wish.vessel_id is not None:
        query = query.where(RejectedReport.vessel_id == wish.vessel_id)
    if wish.reason is not None:
        query = query.where(RejectedReport.reason == wish.reason)
    if wish.since is not None:
        query = query.where(RejectedReport.received_at >= wish.since)
    if wish.until is not None:
        query = query.where(RejectedReport.received_at <= wish.until)
    if wish.recorded is not None:
        start_at, end_at = wish.recorded
        at = func.coalesce(RejectedReport.recorded_at, RejectedReport.received_at)
        query = query.where(at >= start_at, at < end_at)
    return query


@dataclass(frozen=True, slots=True)
class Count:
    """How many reports of a vessel were rejected for a reason.

    `waiting_since`: of those that wait, the ones that came in since the wish's `since`.
    `reports_ever` counts what was accepted, discarded or trimmed as well.
    """

    vessel_id: UUID | None
    vessel: str | None
    reason: str
    waiting_since: int
    waiting: int
    reports_ever: int
    last_at: datetime


def counts(session: Session, fleet_id: UUID, wish: Wish) -> list[Count]:
    """By vessel and reason; of the wish, vessel, reason and `since` count."""
    waiting = _waiting(fleet_id, wish.since)
    query = (
        select(
            QuarantineCount.vessel_id,
            Vessel.name,
            QuarantineCount.reason,
            func.coalesce(waiting.c.since, 0),
            func.coalesce(waiting.c.reports, 0),
            QuarantineCount.reports,
            QuarantineCount.last_at,
        )
        .outerjoin(
            waiting,
            and_(
                waiting.c.vessel_id == func.coalesce(QuarantineCount.vessel_id, NO_VESSEL),
                waiting.c.reason == QuarantineCount.reason,
            ),
        )
        .outerjoin(Vessel, Vessel.id == QuarantineCount.vessel_id)
        .where(QuarantineCount.fleet_id == fleet_id)
        .order_by(func.lower(Vessel.name), QuarantineCount.reason)
    )
    if wish.vessel_id is not None:
        query = query.where(QuarantineCount.vessel_id == wish.vessel_id)
    if wish.reason is not None:
        query = query.where(QuarantineCount.reason == wish.reason)
    if wish.since is not None:
        query = query.where(QuarantineCount.last_at >= wish.since)
    return [Count(*row) for row in session.execute(query)]


def _waiting(fleet_id: UUID, since: datetime | None) -> Subquery:
    """What is held, by vessel and reason: read once, however many counts there are."""
    vessel_id = func.coalesce(RejectedReport.vessel_id, NO_VESSEL)
    is_recent = true() if since is None else RejectedReport.received_at >= since
    return (
        select(
            vessel_id.label("vessel_id"),
            RejectedReport.reason,
            func.count().label("reports"),
            func.count().filter(is_recent).label("since"),
        )
        .where(RejectedReport.fleet_id == fleet_id)
        .group_by(vessel_id, RejectedReport.reason)
        .subquery()
    )
