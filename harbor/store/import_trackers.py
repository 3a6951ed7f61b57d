"""The trackers under which imported positions stand: rows that nobody can send with."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from harbor.errors import Conflict
from harbor.fleet.identity import harbor_id
from harbor.fleet.report import SOURCE_IMPORT
from harbor.fleet.vessel import Particulars
from harbor.store.database import conflict_when_taken
from harbor.store.models import Tracker
from harbor.store.trackers import Seal, new_secret

NAME_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class ImportTracker:
    """`is_there`: it has a row already."""

    id: UUID
    name: str
    is_there: bool


def of_vessel(session: Session, vessel: Particulars) -> ImportTracker:
    """The vessel's own, whose id follows from the vessel's: it survives every new name."""
    tracker_id = uuid5(vessel.id, SOURCE_IMPORT)
    row = session.get(Tracker, tracker_id)
    if row is not None:
        return ImportTracker(row.id, row.name, is_there=True)
    name = f"Import {vessel.name}"[:NAME_LENGTH_MAX]
    if _row(session, vessel.fleet_id, name) is not None:
        name = f"Import {tracker_id}"
    return ImportTracker(tracker_id, name, is_there=False)


def named(session: Session, vessel: Particulars, reference: str) -> ImportTracker:
    """A tracker of the vessel (or the fleet's) by name or id, revoked or not; or a new one.

    Raises Conflict when it is another vessel's.
    """
    row = _row(session, vessel.fleet_id, reference)
    if row is None:
        return ImportTracker(uuid5(vessel.id, reference), reference, is_there=False)
    if row.vessel_id not in (None, vessel.id):
        raise Conflict(f"The tracker {row.name!r} is another vessel's.")
    return ImportTracker(row.id, row.name, is_there=True)


def add(session: Session, seal: Seal, vessel: Particulars, tracker: ImportTracker) -> None:
    """Make its row, unless another run did, with a secret that nobody is told.

    Raises Conflict when another tracker took the name meanwhile.
    """
    row = insert(Tracker).values(
        id=tracker.id,
        fleet_id=vessel.fleet_id,
        vessel_id=vessel.id,
        name=tracker.name,
        format=SOURCE_IMPORT,
        secret=seal.close(new_secret()),
    )
    with conflict_when_taken(f"A tracker named {tracker.name!r} exists already."):
        session.execute(row.on_conflict_do_nothing(index_elements=["id"]))


def _row(session: Session, fleet_id: UUID, reference: str) -> Tracker | None:
    is_meant = or_(Tracker.name == reference, Tracker.id == harbor_id(reference))
    return session.scalars(
        select(Tracker).where(Tracker.fleet_id == fleet_id, is_meant)
    ).first()
