"""What trackers say of hulls, and what an operator left blank and is filled in from it."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

import orjson
from sqlalchemy import exists, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from harbor.fleet.hull import SAID, Hull
from harbor.fleet.identity import call_sign, imo_number
from harbor.store import audit, outbox
from harbor.store.models import StaticData, Vessel

_COLUMNS = ("fleet_id", "vessel_id", "tracker_id", "recorded_at", *SAID)
_NEWER = "excluded.recorded_at >= known.recorded_at"
_KEEP = text(f"""
INSERT INTO static_data AS known ({", ".join(_COLUMNS)})
SELECT {", ".join(_COLUMNS)} FROM json_populate_recordset(CAST(NULL AS static_data),
    CAST(:rows AS json))
ORDER BY vessel_id, tracker_id
ON CONFLICT (vessel_id, tracker_id) DO UPDATE SET
    recorded_at = greatest(known.recorded_at, excluded.recorded_at),
    {
    ", ".join(
        f"{name} = CASE WHEN {_NEWER} THEN coalesce(excluded.{name}, known.{name})"
        f" ELSE coalesce(known.{name}, excluded.{name}) END"
        for name in SAID
    )
}
""")  # noqa: S608 - the names are constants


def keep(session: Session, hulls: Sequence[Hull]) -> None:
    """Each tracker's of each vessel once; what it did not say again stays."""
    rows = orjson.dumps([asdict(one) for one in hulls]).decode()
    session.execute(_KEEP, {"rows": rows})


def of_vessel(session: Session, vessel_id: UUID) -> list[Hull]:
    """One of each tracker that said something."""
    rows = session.scalars(select(StaticData).where(StaticData.vessel_id == vessel_id))
    return [Hull(**{name: getattr(row, name) for name in _COLUMNS}) for row in rows]


def fill_blanks(session: Session, hulls: Sequence[Hull]) -> None:
    """Give vessels the call sign and the IMO number that nobody entered.

    What an operator entered stays, and a number that another vessel of the fleet has is left to
    her. In the audit log each is by the tracker that said it. Rows that refer to a vessel, such
    as what another worker has just kept of her, need not wait for it, nor it for them.
    """
    said = {one.vessel_id: one for one in hulls if one.call_sign or one.imo_number}
    query = (
        select(Vessel)
        .where(Vessel.id.in_(said), Vessel.retired_at.is_(None))
        .where(or_(Vessel.call_sign.is_(None), Vessel.imo_number.is_(None)))
        .order_by(Vessel.id)
        .with_for_update(key_share=True)
    )
    for vessel in session.scalars(query).all():
        _fill(session, vessel, said[vessel.id])


def _fill(session: Session, vessel: Vessel, hull: Hull) -> None:
    found: dict[str, object] = {}
    if vessel.call_sign is None and hull.call_sign and (sign := call_sign(hull.call_sign)):
        found["call_sign"] = sign
    if vessel.imo_number is None and (number := _free_number(session, vessel, hull)):
        found["imo_number"] = number
    if not found:
        return
    try:
        with session.begin_nested():
            for name, value in found.items():
                setattr(vessel, name, value)
    except IntegrityError:  # another has been given the number this moment
        return
    outbox.add_vessel_change(session, vessel.fleet_id, [vessel.id], "renamed")
    audit.note(
        session,
        "vessel.filled",
        actor=f"tracker:{hull.tracker_id}",
        subject=str(vessel.id),
        fleet_id=vessel.fleet_id,
        details=found,
    )


def _free_number(session: Session, vessel: Vessel, hull: Hull) -> str | None:
    number = imo_number(hull.imo_number) if hull.imo_number else None
    if number is None:
        return None
    is_taken = exists().where(
        Vessel.fleet_id == vessel.fleet_id,
        Vessel.imo_number == number,
        Vessel.retired_at.is_(None),
    )
    return None if session.scalar(select(is_taken)) else number
