"""All vessels and trackers at once: what every worker keeps in memory to judge a ping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from harbor.fleet.sources import Standings
from harbor.fleet.vessel import Particulars
from harbor.store import devices, standings
from harbor.store.models import Fleet, Tracker
from harbor.store.vessels import all_vessels


@dataclass(frozen=True, slots=True)
class SealedTracker:
    """A tracker that may send, with its secrets still encrypted."""

    id: UUID
    fleet_id: UUID
    vessel_id: UUID | None
    secret: str
    secret_previous: str | None
    previous_until: datetime | None
    format: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything at one revision; retired vessels and revoked trackers are left out.

    `thresholds` are what fleets change of the settings; `devices` are vessels by tracker and
    the name that they have there; `standings` by fleet say which trackers count more.
    """

    revision: str
    fleet_ids: tuple[UUID, ...]
    vessels: Sequence[Particulars]
    trackers: Sequence[SealedTracker]
    thresholds: Mapping[UUID, Mapping[str, object]]
    devices: Mapping[tuple[UUID, str], UUID]
    standings: Mapping[UUID, Standings]


def revision(session: Session) -> str:
    """Changes with every committed change to a fleet, vessel, tracker or device.

    Rows count their changes, so the sum grows with every commit, in whatever order
    transactions end; a newest time stamp would miss one that ends late. A change to a device
    counts as one of its tracker.
    """
    row = session.execute(
        text("""
        SELECT (SELECT coalesce(sum(revision), 0) FROM fleet),
            (SELECT coalesce(sum(revision), 0) FROM vessel),
            (SELECT coalesce(sum(revision), 0) FROM tracker)
        """)
    ).one()
    return "/".join(str(part) for part in row)


def listing(session: Session) -> Listing:
    """Read it all. The revision is read first: a change in between is only read twice."""
    at = revision(session)
    fleets = session.scalars(select(Fleet).order_by(Fleet.id)).all()
    trackers = session.scalars(select(Tracker).where(Tracker.revoked_at.is_(None)))
    return Listing(
        revision=at,
        fleet_ids=tuple(fleet.id for fleet in fleets),
        vessels=all_vessels(session),
        trackers=tuple(_sealed(tracker) for tracker in trackers),
        thresholds={fleet.id: fleet.thresholds for fleet in fleets if fleet.thresholds},
        devices=devices.everywhere(session),
        standings=standings.everywhere(session),
    )


def _sealed(tracker: Tracker) -> SealedTracker:
    return SealedTracker(
        id=tracker.id,
        fleet_id=tracker.fleet_id,
        vessel_id=tracker.vessel_id,
        secret=tracker.secret,
        secret_previous=tracker.secret_previous,
        previous_until=tracker.previous_until,
        format=tracker.format,
    )
