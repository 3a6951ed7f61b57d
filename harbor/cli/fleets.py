"""`harbor fleet`: the thresholds by which the fleet's reports are judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from harbor.cli.desk import Desk, at_desk
from harbor.cli.output import json_option, show_list, show_one
from harbor.environments import load
from harbor.errors import NotFound
from harbor.fleet.thresholds import BY_KIND, Thresholds
from harbor.store import fleets

COLUMNS = ("name", "value", "origin")


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One threshold as it counts for this fleet; `origin` is `fleet` or `setting`."""

    name: str
    value: Any
    origin: str


@click.group()
def fleet() -> None:
    """What is plausible in this fleet: show, set, unset.

    NAME is one that `harbor fleet show` lists. What the fleet does not set is as the
    setting HARBOR_<NAME> says.
    """


@fleet.command()
@json_option
def show(is_json: bool) -> None:
    """Show every threshold, and whether it is the fleet's own."""
    with at_desk() as desk:
        overrides = fleets.thresholds(desk.session, desk.fleet_id)
    show_list(rows_of(of_settings(), overrides), COLUMNS, is_json, "")


@fleet.command("set")
@click.argument("name")
@click.argument("value")
@json_option
def set_(name: str, value: str, is_json: bool) -> None:
    """Give the fleet a threshold of its own; running workers know it within seconds."""
    with at_desk() as desk:
        overrides = fleets.thresholds(desk.session, desk.fleet_id)
        row = change(desk, overrides, with_value(overrides, name, value), name)
        desk.note("fleet.threshold_set", desk.fleet_id, name=name, value=row.value)
    show_one(row, f"{name} is {row.value} for this fleet.", is_json)


@fleet.command()
@click.argument("name")
@json_option
def unset(name: str, is_json: bool) -> None:
    """Let the setting count again."""
    with at_desk() as desk:
        overrides = fleets.thresholds(desk.session, desk.fleet_id)
        row = change(desk, overrides, without(overrides, name), name)
        desk.note("fleet.threshold_unset", desk.fleet_id, name=name)
    show_one(row, f"{name} is as the setting says.", is_json)


def of_settings() -> Thresholds:
    return Thresholds.model_validate(load())


def change(
    desk: Desk, before: Mapping[str, Any], after: dict[str, Any], name: str
) -> ThresholdRow:
    """Verify and store it; raises Invalid, or NotFound for a name there is not."""
    base = of_settings()
    names = {row.name for row in rows_of(base, before)}
    if name not in names:
        raise NotFound(f"There is no threshold {name!r}: `harbor fleet show` lists them.")
    clean = verified(base, after)
    fleets.change_thresholds(desk.session, desk.fleet_id, clean)
    return next(row for row in rows_of(base, clean) if row.name == name)


def verified(base: Thresholds, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The same overrides with values of the right types. Raises Invalid."""
    values = base.changed_by(overrides).model_dump(mode="json")
    clean = {name: values[name] for name in overrides}
    if BY_KIND in overrides:
        clean[BY_KIND] = {kind: values[BY_KIND][kind] for kind in overrides[BY_KIND]}
    return clean


def with_value(overrides: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    member, _, kind = name.partition(".")
    if member == BY_KIND:
        return {**overrides, BY_KIND: {**overrides.get(BY_KIND, {}), kind: value}}
    return {**overrides, name: value}


def without(overrides: Mapping[str, Any], name: str) -> dict[str, Any]:
    member, _, kind = name.partition(".")
    left = {key: value for key, value in overrides.items() if key != member}
    kinds = {key: value for key, value in overrides.get(BY_KIND, {}).items() if key != kind}
    return {**left, BY_KIND: kinds} if member == BY_KIND and kinds else left


def rows_of(base: Thresholds, overrides: Mapping[str, Any]) -> list[ThresholdRow]:
    values = base.changed_by(overrides).model_dump(mode="json")
    by_kind = values.pop(BY_KIND)
    own = overrides.get(BY_KIND, {})
    rows = [
        ThresholdRow(name, value, origin(name, overrides)) for name, value in values.items()
    ]
    return rows + [
        ThresholdRow(f"{BY_KIND}.{kind}", value, origin(kind, own))
        for kind, value in by_kind.items()
    ]


def origin(name: str, overrides: Mapping[str, Any]) -> str:
    return "fleet" if name in overrides else "setting"
