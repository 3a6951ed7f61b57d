"""`/api/v1/ingest/<format>`: the address, and the credentials that came with a message."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from harbor.errors import Unauthenticated

PATH = "/api/v1/ingest/"
METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(("osmand", "traccar"), ("GET", "POST"))
)
"""These apps put a position into the query. All others post only."""
TOKEN_LENGTH_MAX = 512
NO_CREDENTIALS = (
    "Nothing says which tracker this is: put its secret into the address, behind the format,"
    " or send it as a Bearer token or as the password of Basic authentication."
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message went: the format, and the secret if it stands in the path."""

    format: str
    token: str


def methods_of(format_: str) -> tuple[str, ...]:
    return METHODS.get(format_, ("POST",))


def read_address(path: str) -> Address:
    """Of a path below `/api/v1/ingest/`; one slash too many at its end is forgiven."""
    format_, _, token = path.removeprefix(PATH).removesuffix("/").partition("/")
    return Address(format_, token)


def token_of(environ: Mapping[str, Any], address: Address) -> str:
    """The secret in the path, the Bearer token or the Basic password.

    Raises Unauthenticated.
    """
    token = address.token or _authorization(environ.get("HTTP_AUTHORIZATION", ""))
    if not token or len(token) > TOKEN_LENGTH_MAX:
        raise Unauthenticated(NO_CREDENTIALS)
    return token


def _authorization(header: str) -> str:
    """A name beside a Basic password says nothing that the secret does not."""
    scheme, _, credentials = header.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return credentials.strip()
        case "basic":
            return _basic_password(credentials.strip())
        case _:
            return ""


def _basic_password(credentials: str) -> str:
    try:
        pair = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
