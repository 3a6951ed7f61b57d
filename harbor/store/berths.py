"""Berths: add, change, remove, find."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from harbor.errors import Invalid, NotFound
from harbor.fleet import berth as berth_rules
from harbor.fleet.identity import harbor_id
from harbor.store import models
from harbor.store.database import conflict_when_taken

Berth = berth_rules.Berth
BERTHS_MAX = berth_rules.BERTHS_MAX
TAKEN = "A berth with this name exists already."


@dataclass(frozen=True, slots=True)
class StoredBerth:
    """A berth and its Harbor id."""

    id: UUID
    berth: Berth


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; unchanged ones are counted in neither."""

    added: tuple[StoredBerth, ...]
    changed: tuple[StoredBerth, ...]


def all_berths(session: Session, fleet_id: UUID) -> tuple[StoredBerth, ...]:
    """Every berth of the fleet, by name."""
    query = select(models.Berth).where(models.Berth.fleet_id == fleet_id)
    rows = session.scalars(query.order_by(func.lower(models.Berth.name)))
    return tuple(_stored(row) for row in rows)


def find(session: Session, fleet_id: UUID, reference: str) -> StoredBerth:
    """By name or Harbor id; raises NotFound."""
    return _stored(_row(session, fleet_id, reference))


def add(session: Session, fleet_id: UUID, berth: Berth) -> StoredBerth:
    """Raises Invalid, also when there are enough, or Conflict when the name is taken."""
    given = berth_rules.verified(berth)
    _leave_room(session, fleet_id, 1)
    return _add(session, fleet_id, given)


def _leave_room(session: Session, fleet_id: UUID, more: int) -> None:
    """Raises Invalid when a fleet would have more than the pages can show."""
    query = select(func.count()).where(models.Berth.fleet_id == fleet_id)
    there = session.scalar(query) or 0
    if more and there + more > BERTHS_MAX:
        raise Invalid(
            f"A fleet has at most {BERTHS_MAX:,} berths; there are {there:,}, and {more:,} more"
            " were to be added. Remove some that nobody uses."
        )


def _add(session: Session, fleet_id: UUID, given: Berth) -> StoredBerth:
    row = models.Berth(
        fleet_id=fleet_id,
        name=given.name,
        latitude=given.latitude,
        longitude=given.longitude,
        radius_metres=given.radius_metres,
    )
    with conflict_when_taken(TAKEN):
        session.add(row)
        session.flush()
    return _stored(row)


def change(session: Session, fleet_id: UUID, reference: str, **changes: object) -> StoredBerth:
    """Give a berth other values of the named fields; raises NotFound, Invalid, Conflict."""
    row = _row(session, fleet_id, reference)
    given = berth_rules.verified(replace(_stored(row).berth, **changes))  # type: ignore[arg-type]
    row.name, row.latitude, row.longitude = given.name, given.latitude, given.longitude
    row.radius_metres = given.radius_metres
    with conflict_when_taken(TAKEN):
        session.flush()
    return _stored(row)


def remove(session: Session, fleet_id: UUID, reference: str) -> StoredBerth:
    """Forget a berth; stops there have no name any more. Raises NotFound."""
    row = _row(session, fleet_id, reference)
    session.delete(row)
    session.flush()
    return _stored(row)


def bring_in(session: Session, fleet_id: UUID, berths: Iterable[Berth]) -> Imported:
    """Add those whose names are new, change the others; safe to repeat. Raises Invalid."""
    known = {one.berth.name.lower(): one for one in all_berths(session, fleet_id)}
    given = {one.name.lower(): one for one in map(berth_rules.verified, berths)}
    new = [berth for name, berth in given.items() if name not in known]
    _leave_room(session, fleet_id, len(new))
    changed = [
        _replace(session, fleet_id, known[name].id, berth)
        for name, berth in given.items()
        if name in known and known[name].berth != berth
    ]
    return Imported(tuple(_add(session, fleet_id, one) for one in new), tuple(changed))


def _replace(session: Session, fleet_id: UUID, berth_id: UUID, berth: Berth) -> StoredBerth:
    return change(
        session,
        fleet_id,
        str(berth_id),
        name=berth.name,
        latitude=berth.latitude,
        longitude=berth.longitude,
        radius_metres=berth.radius_metres,
    )


def _row(session: Session, fleet_id: UUID, reference: str) -> models.Berth:
    same = [func.lower(models.Berth.name) == " ".join(reference.split()).lower()]
    if (berth_id := harbor_id(reference)) is not None:
        same.append(models.Berth.id == berth_id)
    query = select(models.Berth).where(models.Berth.fleet_id == fleet_id, or_(*same))
    row = session.scalars(query).first()
    if row is None:
        raise NotFound(f"There is no berth {reference!r}.")
    return row


def _stored(row: models.Berth) -> StoredBerth:
    return StoredBerth(row.id, Berth(row.name, row.latitude, row.longitude, row.radius_metres))
