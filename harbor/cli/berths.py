"""`harbor berth`: the places by which stops are named."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import click

from harbor.cli.berth_file import read_berths
from harbor.cli.desk import at_desk
from harbor.cli.noun import add_alias
from harbor.cli.output import json_option, show_list, show_one
from harbor.errors import Invalid
from harbor.fleet.berth import RADIUS_METRES_DEFAULT, Berth
from harbor.store import berths
from harbor.store.berths import StoredBerth

COLUMNS = ("name", "latitude", "longitude", "radius_metres", "id")


@dataclass(frozen=True, slots=True)
class BerthRow:
    """A berth as listed."""

    id: UUID
    name: str
    latitude: float
    longitude: float
    radius_metres: float


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What an import did."""

    added: int
    changed: int
    unchanged: int


@click.group()
def berth() -> None:
    """Berths, by which stops are named: add, list, change, remove, import.

    BERTH is a name or a Harbor id. Latitude and longitude are decimal degrees; before a
    negative one write `--`.
    """


@berth.command()
@click.argument("name")
@click.argument("latitude", type=float)
@click.argument("longitude", type=float)
@click.option(
    "--radius",
    type=float,
    metavar="METRES",
    default=RADIUS_METRES_DEFAULT,
    help="How far from its middle a vessel still lies at it (150).",
)
@json_option
def add(name: str, latitude: float, longitude: float, radius: float, is_json: bool) -> None:
    """Add a berth."""
    with at_desk() as desk:
        given = Berth(name, latitude, longitude, radius)
        added = berths.add(desk.session, desk.fleet_id, given)
        desk.note("berth.added", added.id, name=added.berth.name)
    show_one(row_of(added), f"{added.berth.name} was added.", is_json)


@berth.command("list")
@json_option
def list_(is_json: bool) -> None:
    """List all berths."""
    with at_desk() as desk:
        found = berths.all_berths(desk.session, desk.fleet_id)
    none = "There are no berths: harbor berth add NAME LATITUDE LONGITUDE"
    show_list([row_of(one) for one in found], COLUMNS, is_json, none)


@berth.command()
@click.argument("reference", metavar="BERTH")
@click.option("--name", help="Another name.")
@click.option("--latitude", type=float, metavar="DEGREES", help="Another latitude.")
@click.option("--longitude", type=float, metavar="DEGREES", help="Another longitude.")
@click.option("--radius", "radius_metres", type=float, metavar="METRES", help="Another reach.")
@json_option
def change(reference: str, is_json: bool, **given: object) -> None:
    """Rename, move, or widen a berth."""
    changes = {field: value for field, value in given.items() if value is not None}
    if not changes:
        raise Invalid("Say what to change: --name, --latitude, --longitude, --radius.")
    with at_desk() as desk:
        changed = berths.change(desk.session, desk.fleet_id, reference, **changes)
        desk.note("berth.changed", changed.id, **changes)
    show_one(row_of(changed), f"{changed.berth.name} was changed.", is_json)


@berth.command()
@click.argument("reference", metavar="BERTH")
@json_option
def remove(reference: str, is_json: bool) -> None:
    """Forget a berth; stops there are shown without a name."""
    with at_desk() as desk:
        removed = berths.remove(desk.session, desk.fleet_id, reference)
        desk.note("berth.removed", removed.id, name=removed.berth.name)
    show_one(row_of(removed), f"{removed.berth.name} was removed.", is_json)


add_alias(berth, "revoke", remove)


@berth.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def import_(file: Path, is_json: bool) -> None:
    """Take berths from a GeoJSON or CSV file: all of them, or none when one is wrong.

    GeoJSON: a FeatureCollection of Points with a `name` and perhaps `radius_metres`.
    CSV: a first line that names the columns name, latitude, longitude and perhaps
    radius_metres. A berth whose name is known takes the file's place and reach.
    """
    given = read_berths(file)
    with at_desk() as desk:
        done = berths.bring_in(desk.session, desk.fleet_id, given)
        for one in done.added:
            desk.note("berth.added", one.id, name=one.berth.name)
        for one in done.changed:
            desk.note("berth.changed", one.id, name=one.berth.name)
    added, changed = len(done.added), len(done.changed)
    row = ImportRow(added, changed, len(given) - added - changed)
    show_one(row, f"{len(given)} berths were read.", is_json)


def row_of(one: StoredBerth) -> BerthRow:
    at = one.berth
    return BerthRow(one.id, at.name, at.latitude, at.longitude, at.radius_metres)
