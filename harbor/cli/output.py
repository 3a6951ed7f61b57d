"""What commands print: a table or lines for people, JSON with stable keys for scripts."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

json_option = click.option(
    "--json", "is_json", is_flag=True, help="Print JSON, for scripts; keys are stable."
)
NOTHING = "–"
COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def print_json(value: object) -> None:
    """Moments are RFC 3339 in UTC."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())


def show_list(
    rows: Sequence["DataclassInstance"], columns: Sequence[str], is_json: bool, none: str
) -> None:
    """All fields as JSON, or the named ones as a table; `none` is said of an empty list."""
    if is_json:
        print_json(list(rows))
    elif not rows:
        click.echo(none)
    else:
        show_table(columns, [[cell(getattr(row, name)) for name in columns] for row in rows])


def show_one(
    record: "DataclassInstance", sentence: str, is_json: bool, **shown_once: object
) -> None:
    """As JSON, or a sentence and below it every field that has a value.

    `shown_once` are fields besides the record's own: the secrets that were made just now.
    """
    named = {field.name: getattr(record, field.name) for field in fields(record)} | shown_once
    if is_json:
        print_json(named)
        return
    click.echo(sentence)
    for name, value in named.items():
        if value is not None:
            click.echo(f"  {heading(name).lower():<18}{cell(value)}")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """With lines and colours on a terminal; else plain aligned text, never wrapped."""
    console = Console()
    if not console.is_terminal:
        show_plain([[heading(name) for name in columns], *rows])
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(heading(name), overflow="fold", no_wrap=name == "id")
    for row in rows:
        table.add_row(*(Text(value, COLOURS.get(value, "")) for value in row))
    console.print(table)


def show_plain(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (value.ljust(width) for value, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def heading(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ").upper()


def cell(value: Any) -> str:
    """One value in words; what a terminal would obey instead of show is left out."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%MZ}"
    if isinstance(value, tuple):
        return ", ".join(map(cell, value)) or NOTHING
    return "".join(sign if sign.isprintable() else "�" for sign in str(value))
