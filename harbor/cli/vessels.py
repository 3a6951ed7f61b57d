"""`harbor vessel`: the hulls of the fleet."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import click

from harbor.cli.desk import Desk, at_desk
from harbor.cli.noun import Word, add_alias
from harbor.cli.output import json_option, show_list, show_one
from harbor.errors import Invalid
from harbor.fleet.vessel import Kind, Particulars
from harbor.store import newest, vessels

COLUMNS = ("name", "kind", "imo_number", "mmsi", "call_sign", "last_position_at", "id")
KIND = Word(Kind)
CALL_SIGN = re.compile(r"\A[A-Z0-9]{3,7}\Z")


@dataclass(frozen=True, slots=True)
class VesselRow:
    """A vessel as listed, with the time of its newest fix."""

    id: UUID
    name: str
    imo_number: str | None
    mmsi: str | None
    call_sign: str | None
    last_position_at: datetime | None
    kind: Kind


@click.group()
def vessel() -> None:
    """Vessels on the map: add, list, rename, change, retire.

    VESSEL is a name, an IMO number, an MMSI or a Harbor id.
    """


@vessel.command()
@click.argument("name")
@click.option("--imo", metavar="NUMBER", help="IMO number; its check digit is verified.")
@click.option("--mmsi", metavar="NUMBER", help="MMSI of the ship's station.")
@click.option("--call-sign", metavar="SIGN", help="Three to seven letters and digits.")
@click.option(
    "--kind",
    type=KIND,
    metavar="KIND",
    default=Kind.OTHER,
    help=f"How fast it can be: {', '.join(Kind)}.",
)
@json_option
def add(
    name: str,
    imo: str | None,
    mmsi: str | None,
    call_sign: str | None,
    kind: Kind,
    is_json: bool,
) -> None:
    """Add a vessel; running workers know it within seconds."""
    sign = checked_call_sign(call_sign)
    with at_desk() as desk:
        added = vessels.add(desk.session, desk.fleet_id, name, imo, mmsi, sign, kind)
        desk.note("vessel.added", added.id, name=added.name)
    show_one(row_of(added), f"{added.name} was added. Next: harbor tracker add", is_json)


@vessel.command("list")
@json_option
def list_(is_json: bool) -> None:
    """List vessels that are not retired, with the time of their newest position."""
    with at_desk() as desk:
        found = vessels.all_vessels(desk.session, desk.fleet_id)
        last = last_position_at(desk)
    rows = [row_of(one, last.get(one.id)) for one in found]
    show_list(rows, COLUMNS, is_json, "There are no vessels: harbor vessel add NAME")


@vessel.command()
@click.argument("reference", metavar="VESSEL")
@click.argument("name")
@json_option
def rename(reference: str, name: str, is_json: bool) -> None:
    """Give a vessel another name."""
    with at_desk() as desk:
        before = vessels.find(desk.session, desk.fleet_id, reference)
        renamed = vessels.rename(desk.session, desk.fleet_id, str(before.id), name)
        last = last_position_at(desk).get(renamed.id)
        desk.note("vessel.renamed", renamed.id, before=before.name, name=renamed.name)
    show_one(row_of(renamed, last), f"{before.name} is {renamed.name} now.", is_json)


@vessel.command()
@click.argument("reference", metavar="VESSEL")
@click.option("--kind", type=KIND, metavar="KIND", help=", ".join(Kind) + ".")
@click.option("--mmsi", metavar="NUMBER", help="MMSI of the ship's station: AIS names it so.")
@json_option
def change(reference: str, kind: Kind | None, mmsi: str | None, is_json: bool) -> None:
    """Say what kind of vessel it is, which decides how fast it can be; or its MMSI."""
    if kind is None and mmsi is None:
        raise click.UsageError("Say --kind KIND, --mmsi NUMBER or both.")
    with at_desk() as desk:
        vessel_id = vessels.find(desk.session, desk.fleet_id, reference).id
        changed = _change(desk, str(vessel_id), kind, mmsi)
        last = last_position_at(desk).get(changed.id)
    words = " and ".join(filter(None, (kind, mmsi and f"MMSI {changed.mmsi}")))
    show_one(row_of(changed, last), f"{changed.name} is {words} now.", is_json)


def _change(desk: Desk, reference: str, kind: Kind | None, mmsi: str | None) -> Particulars:
    if kind is not None:
        changed, before = vessels.change_kind(desk.session, desk.fleet_id, reference, kind)
        desk.note("vessel.changed", changed.id, before=before, kind=kind)
    if mmsi is not None:
        changed, number = vessels.change_mmsi(desk.session, desk.fleet_id, reference, mmsi)
        desk.note("vessel.changed", changed.id, before=number, mmsi=changed.mmsi)
    return vessels.find(desk.session, desk.fleet_id, reference)


@vessel.command()
@click.argument("reference", metavar="VESSEL")
@json_option
def retire(reference: str, is_json: bool) -> None:
    """Take a vessel off the map; its positions stay."""
    with at_desk() as desk:
        last = last_position_at(desk)
        retired = vessels.retire(desk.session, desk.fleet_id, reference, desk.now)
        desk.note("vessel.retired", retired.id, name=retired.name)
    row = row_of(retired, last.get(retired.id))
    show_one(row, f"{retired.name} is off the map; its positions are kept.", is_json)


add_alias(vessel, "revoke", retire)


def last_position_at(desk: Desk) -> dict[UUID, datetime]:
    found = newest.of_fleet(desk.session, desk.fleet_id)
    return {one.report.vessel_id: one.report.recorded_at for one in found}


def row_of(one: Particulars, last_position_at: datetime | None = None) -> VesselRow:
    return VesselRow(
        id=one.id,
        name=one.name,
        imo_number=one.imo_number,
        mmsi=one.mmsi,
        call_sign=one.call_sign,
        last_position_at=last_position_at,
        kind=one.kind,
    )


def checked_call_sign(sign: str | None) -> str | None:
    if sign is None:
        return None
    if CALL_SIGN.match(sign.upper()) is None:
        raise Invalid(f"{sign!r} is not a call sign: three to seven letters and digits.")
    return sign.upper()
