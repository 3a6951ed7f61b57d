"""`harbor key`: API keys with which partners read the fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import click

from harbor.cli.desk import Desk, at_desk, sensible_name
from harbor.cli.output import json_option, show_list, show_one
from harbor.store import api_keys, vessels
from harbor.store.api_keys import KeyRecord

COLUMNS = (
    "name",
    "last_characters",
    "scope",
    "is_valid",
    "expires_at",
    "revoked_at",
    "last_used_at",
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as listed; `vessel_ids` None is the whole fleet, `scope` says it in names."""

    id: UUID
    name: str
    last_characters: str
    scope: tuple[str, ...]
    vessel_ids: tuple[UUID, ...] | None
    is_valid: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@click.group()
def key() -> None:
    """API keys of partners: add, list, rotate, revoke.

    KEY is a name or a Harbor id.
    """


@key.command()
@click.argument("name")
@click.option(
    "--vessel",
    "references",
    metavar="VESSEL",
    multiple=True,
    help="Reads only this vessel; may be repeated. Without it: the whole fleet.",
)
@click.option(
    "--expires-in", "days", metavar="DAYS", type=click.IntRange(1, 3660), help="Ends by itself."
)
@json_option
def add(name: str, references: Sequence[str], days: int | None, is_json: bool) -> None:
    """Add a key and show it, once."""
    with at_desk() as desk:
        key_id, whole = api_keys.add(
            desk.session,
            desk.fleet_id,
            sensible_name(name, "key"),
            scope_of(desk, references),
            desk.now + timedelta(days=days) if days else None,
        )
        row = row_of(desk, key_id)
        desk.note("key.added", row.id, name=row.name, scope=list(row.scope))
    show_one(row, f"{row.name} was added. The key is shown only now.", is_json, key=whole)


@key.command("list")
@json_option
def list_(is_json: bool) -> None:
    """List keys, ended ones too."""
    with at_desk() as desk:
        rows = all_rows(desk)
    show_list(rows, COLUMNS, is_json, "There are no keys: harbor key add NAME")


@key.command()
@click.argument("reference", metavar="KEY")
@json_option
def rotate(reference: str, is_json: bool) -> None:
    """Make a new key of the same name, scope and expiry; the old one ends at once."""
    with at_desk() as desk:
        key_id, whole = api_keys.rotate(desk.session, desk.fleet_id, reference, desk.now)
        row = row_of(desk, key_id)
        desk.note("key.rotated", row.id, name=row.name)
    sentence = f"{row.name} has a new key, shown only now; the old one ended."
    show_one(row, sentence, is_json, key=whole)


@key.command()
@click.argument("reference", metavar="KEY")
@json_option
def revoke(reference: str, is_json: bool) -> None:
    """End a key; open streams of its owner close within seconds."""
    with at_desk() as desk:
        key_id = api_keys.revoke(desk.session, desk.fleet_id, reference, desk.now)
        row = row_of(desk, key_id)
        desk.note("key.revoked", row.id, name=row.name)
    show_one(row, f"{row.name} ended.", is_json)


def scope_of(desk: Desk, references: Sequence[str]) -> list[UUID] | None:
    """The ids of the named vessels, each once; None for the whole fleet. Raises NotFound."""
    found = (vessels.find(desk.session, desk.fleet_id, one).id for one in references)
    return list(dict.fromkeys(found)) or None


def all_rows(desk: Desk) -> list[KeyRow]:
    desk.session.flush()
    records = api_keys.all_keys(desk.session, desk.fleet_id)
    ids = {vessel_id for record in records for vessel_id in record.vessel_ids or ()}
    known = vessels.by_ids(desk.session, list(ids))
    names = {vessel_id: one.name for vessel_id, one in known.items()}
    return [listed(record, names, desk.now) for record in records]


def row_of(desk: Desk, key_id: UUID) -> KeyRow:
    return next(row for row in all_rows(desk) if row.id == key_id)


def listed(record: KeyRecord, names: dict[UUID, str], now: datetime) -> KeyRow:
    ids = None if record.vessel_ids is None else tuple(sorted(record.vessel_ids))
    return KeyRow(
        id=record.id,
        name=record.name,
        last_characters=record.last_characters,
        scope=("fleet",) if ids is None else tuple(names.get(one, str(one)) for one in ids),
        vessel_ids=ids,
        is_valid=record.is_valid(now),
        created_at=record.created_at,
        expires_at=record.expires_at,
        revoked_at=record.revoked_at,
        last_used_at=record.last_used_at,
    )
