"""Fleets: most operators only ever have the one that is made at first start."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from harbor.errors import Conflict, NotFound
from harbor.store.models import Fleet

FIRST_NAME = "Fleet"


def only(session: Session) -> UUID:
    """The one fleet there is; raises NotFound before `harbor init`, Conflict when several."""
    found = session.scalars(select(Fleet.id).limit(2)).all()
    if not found:
        raise NotFound("There is no fleet yet: run `harbor init` first.")
    if len(found) > 1:
        raise Conflict("There is more than one fleet: name the one you mean.")
    return found[0]


def ensure_first(session: Session) -> UUID:
    """The only fleet, made when there is none."""
    existing = session.scalar(select(Fleet.id).limit(1))
    if existing is not None:
        return only(session)
    fleet = Fleet(name=FIRST_NAME)
    session.add(fleet)
    session.flush()
    return fleet.id


def thresholds(session: Session, fleet_id: UUID) -> dict[str, object]:
    """What the fleet changes of the settings; locked until the end of the transaction."""
    fleet = session.get_one(Fleet, fleet_id, with_for_update=True)
    return dict(fleet.thresholds or {})


def change_thresholds(
    session: Session, fleet_id: UUID, overrides: Mapping[str, object]
) -> None:
    """Put these in the place of all that the fleet changed; they are verified already."""
    fleet = session.get_one(Fleet, fleet_id)
    fleet.thresholds = dict(overrides) or None
    session.flush()
