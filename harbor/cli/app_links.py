"""What a sender that can't sign is set up with: an address, or a link that its app understands.

Links as the apps read them: OwnTracks booklet, "Remote configuration"; the README of Overland
for iOS; Traccar Client's own QR scanner, which takes the address with its settings behind it.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from unicodedata import normalize
from urllib.parse import quote, urlencode

import orjson

from harbor.store.trackers import key_of, token_of

PLACEHOLDER = "https://harbor.example"
OWNTRACKS_HTTP_MODE = 3
OWNTRACKS_MOVE = 2
"""It reports by time; by itself only when the phone has come a long way."""
TRACCAR_CLIENT: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": "highest",
        "interval": "10",
        "distance": "10",
        "buffer": "true",
        "stop_detection": "false",
    }
)
"""Seconds and metres: by itself it looks every five minutes, which is long for a vessel, and
takes a phone that lies still on a calm boat for stopped."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Shown once. `address` has the secret in it; `link` goes into a phone by a QR code."""

    token: str
    address: str
    link: str | None
    example: str | None


def setup_of(format_: str, name: str, secret: str, public_url: str) -> Setup:
    """For a tracker of this name, format and secret, at this Harbor."""
    token = token_of(key_of(secret))
    door = f"{public_url}/api/v1/ingest/{format_}"
    address = f"{door}/{token}"
    make_link = LINKS.get(format_)
    if make_link is not None:
        return Setup(token, address, make_link(door, token, plain(name)), None)
    example = EXAMPLES.get(format_, "curl --data-binary @FILE {address}")
    return Setup(token, address, None, example.format(door=door, token=token, address=address))


def owntracks(door: str, token: str, name: str) -> str:
    """Base64 in percents: a plus in a query may be read as a space."""
    configuration = {
        "_type": "configuration",
        "mode": OWNTRACKS_HTTP_MODE,
        "monitoring": OWNTRACKS_MOVE,
        "url": door,
        "auth": True,
        "username": name,
        "password": token,
        "deviceId": name,
        "tid": name.replace("-", "")[:2],
    }
    inline = base64.b64encode(orjson.dumps(configuration)).decode()
    return f"owntracks:///config?inline={quote(inline, safe='')}"


def overland(door: str, token: str, name: str) -> str:
    """It sends the token as a Bearer's, so the address goes without."""
    given = {"url": door, "token": token, "device_id": name, "unique_id": "yes"}
    return f"overland://setup?{urlencode(given)}"


def traccar_client(door: str, token: str, name: str) -> str:
    """Its scanner takes all before the question mark for the server's address."""
    return f"{door}/{token}?{urlencode({'id': name, **TRACCAR_CLIENT})}"


LINKS: Mapping[str, Callable[[str, str, str], str]] = MappingProxyType(
    {"osmand": traccar_client, "overland": overland, "owntracks": owntracks}
)
"""The apps that can be set up by scanning."""
EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "traccar": "<entry key='forward.type'>json</entry>"
        " <entry key='forward.url'>{door}</entry>"
        " <entry key='forward.header'>Authorization: Bearer {token}</entry>"
    }
)
"""What to write where; for all others the line that posts a file."""


def plain(name: str) -> str:
    """A name that every app takes: ASCII letters, digits and hyphens, at most 40."""
    ascii_only = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:40].strip("-") or "vessel"
