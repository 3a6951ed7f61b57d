"""`harbor settings`: which settings there are, and which are set here."""

import base64
import secrets
from dataclasses import dataclass

import click
from pydantic import SecretStr

from harbor.cli import configuration
from harbor.cli.configuration import markdown, meaning, name_of
from harbor.cli.output import json_option, show_list
from harbor.config import Settings
from harbor.environments import load

COLUMNS = ("name", "value", "origin")


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it is here; a secret's value is only `set` or `missing`."""

    name: str
    value: str
    origin: str
    is_secret: bool
    meaning: str


@click.command()
@click.option("--set", "only_set", is_flag=True, help="Only those that are set.")
@click.option("--markdown", "is_markdown", is_flag=True, help="Print docs/configuration.md.")
@click.option("--new-secrets", is_flag=True, help="Make two secrets, as lines for .env.")
@json_option
def settings(only_set: bool, is_markdown: bool, new_secrets: bool, is_json: bool) -> None:
    """Show every setting and where its value comes from; never a secret."""
    if is_markdown:
        click.echo(markdown(), nl=False)
    elif new_secrets:
        click.echo("\n".join(two_secrets()))
    else:
        rows = rows_of(load())
        if only_set:
            rows = [row for row in rows if row.origin == "set"]
        show_list(rows, COLUMNS, is_json, "Nothing is set.")


def rows_of(current: Settings) -> list[SettingRow]:
    return [
        SettingRow(
            name=name_of(name),
            value=shown(getattr(current, name)),
            origin="set" if is_set(name, current) else "default",
            is_secret=isinstance(getattr(current, name), SecretStr),
            meaning=meaning(field),
        )
        for name, field in Settings.model_fields.items()
    ]


def is_set(name: str, current: Settings) -> bool:
    """HARBOR_ENV counts as set when it is not the default: it always arrives by name."""
    if name == "environment":
        return bool(current.environment != Settings.model_fields[name].default)
    return name in current.model_fields_set


def shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "missing"
    return configuration.shown(value)


def two_secrets() -> tuple[str, str]:
    master = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return f"HARBOR_SECRET_KEY={secrets.token_urlsafe(48)}", f"HARBOR_MASTER_KEY={master}"
