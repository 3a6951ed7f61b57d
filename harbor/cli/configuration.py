"""Writes docs/configuration.md and .env.example from the settings themselves.

Run `python -m harbor.cli.configuration` in a checkout after changing a setting.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

import orjson
from annotated_types import Ge, Gt, Le
from pydantic import AwareDatetime, SecretStr
from pydantic.fields import FieldInfo

from harbor.config import Settings

REQUIRED = ("secret_key", "master_key", "database_url")
"""What production refuses to start without."""

WORDS = MappingProxyType(
    {
        SecretStr: "secret",
        str: "text",
        int: "whole number",
        float: "number",
        bool: "yes or no",
        dict: "JSON object",
        AwareDatetime: "RFC 3339 time",
    }
)

INTRODUCTION = """\
# Configuration

Every setting is an environment variable, or a line in the file `.env` of the directory
Harbor starts in; the environment wins. Values are checked at the start: a wrong one is
named, and Harbor does not run. `harbor settings` says which are set, `harbor settings
--new-secrets` makes the two secrets, `harbor doctor` tries them all out.

**Production** (the default) needs `HARBOR_SECRET_KEY`, `HARBOR_MASTER_KEY` and
`HARBOR_DATABASE_URL`. With `HARBOR_ENV=development` both secrets have well-known defaults,
and cookies travel over plain HTTP.

*secret* settings are never printed or logged.

| Setting | Type | Default | Meaning |
| --- | --- | --- | --- |
"""

ENVIRONMENT_HEAD = """\
# Copy to .env. Every setting with its default; docs/configuration.md says the same as a table.
# `harbor settings --new-secrets` prints the two secrets, ready to be put here.
"""


def markdown() -> str:
    """The whole of docs/configuration.md."""
    rows = (
        (f"`{name_of(name)}`", type_of(field), shown_default(name, field), meaning(field))
        for name, field in Settings.model_fields.items()
    )
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    return INTRODUCTION + "\n".join(lines) + "\n"


def environment_example() -> str:
    """The whole of .env.example: what must be set stands open, the rest is commented out."""
    return ENVIRONMENT_HEAD + "".join(
        f"\n# {meaning(field)}\n{'' if name in REQUIRED else '# '}"
        f"{name_of(name)}={default_of(field)}\n"
        for name, field in Settings.model_fields.items()
        if name != "environment"
    )


def name_of(field_name: str) -> str:
    return "HARBOR_ENV" if field_name == "environment" else f"HARBOR_{field_name.upper()}"


def meaning(field: FieldInfo) -> str:
    return field.description or ""


def type_of(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(kind))
    return " ".join((WORDS[get_origin(kind) or kind], *bounds(field)))


def bounds(field: FieldInfo) -> Iterator[str]:
    for rule in field.metadata:
        if isinstance(rule, Ge):
            yield f"≥ {shown(rule.ge)}"
        if isinstance(rule, Gt):
            yield f"> {shown(rule.gt)}"
        if isinstance(rule, Le):
            yield f"≤ {shown(rule.le)}"


def default_of(field: FieldInfo) -> str:
    """As one writes it in the environment."""
    value = field.default
    return value.get_secret_value() if isinstance(value, SecretStr) else shown(value)


def shown(value: object) -> str:
    """A value that is no secret, as one writes it in the environment."""
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)


def shown_default(name: str, field: FieldInfo) -> str:
    if name in REQUIRED:
        return "**required**"
    default = default_of(field)
    return f"`{default}`" if default else "(empty)"


def main() -> None:
    Path("docs/configuration.md").write_text(markdown(), encoding="utf-8")
    Path(".env.example").write_text(environment_example(), encoding="utf-8")


if __name__ == "__main__":
    main()
