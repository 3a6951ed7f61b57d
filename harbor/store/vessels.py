"""Vessels: add, rename, retire, find."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from harbor.errors import FieldError, Invalid, NotFound
from harbor.fleet.identity import harbor_id, imo_number, ship_mmsi
from harbor.fleet.vessel import Kind, Particulars
from harbor.store import outbox
from harbor.store.database import conflict_when_taken
from harbor.store.models import Vessel

_KINDS = frozenset(Kind)
_WHO = (
    *(Vessel.id, Vessel.fleet_id, Vessel.name, Vessel.imo_number, Vessel.mmsi),
    *(Vessel.call_sign, Vessel.kind, Vessel.retired_at),
)
"""Read as columns where there may be ten thousand: as many objects that could be changed hold
up everybody else in the worker for 300 ms."""
TAKEN = "A vessel with this name, IMO number or MMSI exists already."


def all_vessels(session: Session, fleet_id: UUID | None = None) -> tuple[Particulars, ...]:
    """Every vessel that is not retired (of one fleet, or of all), by name."""
    query = select(*_WHO).where(Vessel.retired_at.is_(None)).order_by(func.lower(Vessel.name))
    if fleet_id is not None:
        query = query.where(Vessel.fleet_id == fleet_id)
    return tuple(particulars(vessel) for vessel in session.execute(query))


def sailed_after(session: Session, fleet_id: UUID, moment: datetime) -> tuple[Particulars, ...]:
    """The fleet as it was after a moment, by name; last those that have retired since."""
    is_here = or_(Vessel.retired_at.is_(None), Vessel.retired_at > moment)
    query = select(*_WHO).where(Vessel.fleet_id == fleet_id, is_here)
    query = query.order_by(Vessel.retired_at.is_not(None), func.lower(Vessel.name))
    return tuple(particulars(vessel) for vessel in session.execute(query))


def by_name(
    session: Session, fleet_id: UUID, limit: int, offset: int = 0
) -> tuple[Particulars, ...]:
    """Some of the fleet's vessels that are not retired, in the order of their names."""
    query = select(Vessel).where(Vessel.fleet_id == fleet_id, Vessel.retired_at.is_(None))
    page = query.order_by(func.lower(Vessel.name), Vessel.id).limit(limit).offset(offset)
    return tuple(particulars(vessel) for vessel in session.scalars(page))


def count(session: Session, fleet_id: UUID) -> int:
    """How many vessels of the fleet are not retired."""
    query = select(func.count()).where(Vessel.fleet_id == fleet_id, Vessel.retired_at.is_(None))
    return session.scalar(query) or 0


def by_ids(session: Session, vessel_ids: Sequence[UUID]) -> dict[UUID, Particulars]:
    """The named vessels, retired ones too."""
    found = session.scalars(select(Vessel).where(Vessel.id.in_(vessel_ids)))
    return {vessel.id: particulars(vessel) for vessel in found}


def find(session: Session, fleet_id: UUID, reference: str) -> Particulars:
    """By Harbor id, IMO number, MMSI or name; raises NotFound."""
    return particulars(_row(session, fleet_id, reference))


def add(
    session: Session,
    fleet_id: UUID,
    name: str,
    imo: str | None = None,
    mmsi: str | None = None,
    call_sign: str | None = None,
    kind: Kind = Kind.OTHER,
) -> Particulars:
    """Raises Invalid for a number that can't be right, Conflict when one is taken."""
    vessel = Vessel(
        fleet_id=fleet_id,
        name=_name(name),
        imo_number=_imo(imo),
        mmsi=_mmsi(mmsi),
        call_sign=call_sign.upper() if call_sign else None,
        kind=kind,
    )
    with conflict_when_taken(TAKEN):
        session.add(vessel)
        session.flush()
    outbox.add_vessel_change(session, fleet_id, [vessel.id], "added")
    return particulars(vessel)


def rename(session: Session, fleet_id: UUID, reference: str, name: str) -> Particulars:
    """Give a vessel another name; raises NotFound, Invalid, Conflict."""
    vessel = _row(session, fleet_id, reference)
    vessel.name = _name(name)
    with conflict_when_taken(TAKEN):
        session.flush()
    outbox.add_vessel_change(session, fleet_id, [vessel.id], "renamed")
    return particulars(vessel)


def change_kind(
    session: Session, fleet_id: UUID, reference: str, kind: Kind
) -> tuple[Particulars, Kind]:
    """Say what kind of vessel it is; also returns the kind so far. Raises NotFound."""
    vessel = _row(session, fleet_id, reference)
    before = particulars(vessel).kind
    vessel.kind = kind
    session.flush()
    return particulars(vessel), before


def change_mmsi(
    session: Session, fleet_id: UUID, reference: str, mmsi: str
) -> tuple[Particulars, str | None]:
    """Its name in AIS; also returns the number so far. Raises NotFound, Invalid, Conflict."""
    vessel = _row(session, fleet_id, reference)
    before, vessel.mmsi = vessel.mmsi, _mmsi(mmsi)
    with conflict_when_taken(TAKEN):
        session.flush()
    outbox.add_vessel_change(session, fleet_id, [vessel.id], "renamed")
    return particulars(vessel), before


def retire(session: Session, fleet_id: UUID, reference: str, now: datetime) -> Particulars:
    """Take a vessel off the map; its positions stay. Raises NotFound."""
    vessel = _row(session, fleet_id, reference)
    vessel.retired_at = now
    session.flush()
    outbox.add_vessel_change(session, fleet_id, [vessel.id], "removed")
    return particulars(vessel)


def particulars(vessel: Vessel | Row[*tuple[Any, ...]]) -> Particulars:
    return Particulars(
        id=vessel.id,
        fleet_id=vessel.fleet_id,
        name=vessel.name,
        imo_number=vessel.imo_number,
        mmsi=vessel.mmsi,
        call_sign=vessel.call_sign,
        retired_at=vessel.retired_at,
        kind=Kind(vessel.kind) if vessel.kind in _KINDS else Kind.OTHER,
    )


def _row(session: Session, fleet_id: UUID, reference: str) -> Vessel:
    same = [
        Vessel.imo_number == reference,
        Vessel.mmsi == reference,
        func.lower(Vessel.name) == reference.lower(),
    ]
    if (vessel_id := harbor_id(reference)) is not None:
        same.append(Vessel.id == vessel_id)
    query = select(Vessel).where(
        Vessel.fleet_id == fleet_id, Vessel.retired_at.is_(None), or_(*same)
    )
    vessel = session.scalars(query).first()
    if vessel is None:
        raise NotFound(f"There is no vessel {reference!r}.")
    return vessel


def _name(name: str) -> str:
    stripped = " ".join(name.split())
    if not 1 <= len(stripped) <= 80 or not stripped.isprintable():
        raise Invalid(
            "A vessel's name has 1 to 80 printable characters.",
            (FieldError("/name", "name", "1 to 80 printable characters"),),
        )
    return stripped


def _imo(text: str | None) -> str | None:
    if text is None:
        return None
    number = imo_number(text)
    if number is None:
        raise Invalid(
            f"{text!r} is not an IMO number: seven digits, the last of which is a check digit.",
            (FieldError("/imo_number", "imo_number", "check digit"),),
        )
    return number


def _mmsi(text: str | None) -> str | None:
    if text is None:
        return None
    number = ship_mmsi(text)
    if number is None:
        raise Invalid(
            f"{text!r} is not a ship's MMSI: nine digits, the first of them 2 to 7.",
            (FieldError("/mmsi", "mmsi", "nine digits, the first of them 2 to 7"),),
        )
    return number
