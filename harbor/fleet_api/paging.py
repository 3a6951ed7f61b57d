"""Cursor paging: pages that neither skip nor repeat while vessels move."""

import base64
import binascii
import struct
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask import Response, request, url_for

from harbor.errors import Malformed
from harbor.fleet import geojson

LIMIT_DEFAULT = 1000
LIMIT_MAX = 10_000
PLACE = struct.Struct(">Q16s")
"""Microseconds since 1970, and an id that tells apart what happened at once."""


def limit_asked() -> int:
    """`limit`, 1 to 10,000; raises Malformed."""
    text = request.args.get("limit", str(LIMIT_DEFAULT))
    if not (
        text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= LIMIT_MAX
    ):
        raise Malformed(f"limit is a whole number from 1 to {LIMIT_MAX}.")
    return int(text)


def cursor_asked() -> str:
    """The vessel id behind which the page begins, "" for the first; raises Malformed."""
    cursor = request.args.get("cursor")
    if cursor is None:
        return ""
    try:
        return str(UUID(bytes=base64.urlsafe_b64decode(cursor + "==")))
    except (ValueError, binascii.Error):
        raise _unknown_cursor() from None


def place_asked() -> tuple[datetime, UUID] | None:
    """The moment and the id behind which the page begins; raises Malformed."""
    cursor = request.args.get("cursor")
    if cursor is None:
        return None
    try:
        at_microseconds, raw_id = PLACE.unpack(base64.urlsafe_b64decode(cursor))
        return geojson.moment_of(at_microseconds), UUID(bytes=raw_id)
    except (ValueError, OverflowError, struct.error):
        raise _unknown_cursor() from None


def place_cursor(moment: datetime, last_id: UUID) -> str:
    """What `place_asked` reads."""
    packed = PLACE.pack(geojson.microseconds(moment), last_id.bytes)
    return base64.urlsafe_b64encode(packed).decode()


def _unknown_cursor() -> Malformed:
    return Malformed("cursor is not one that a Link header gave.")


def link_next(response: Response, last_id: str) -> None:
    """Say where the next page is: behind the vessel of this id."""
    link_on(response, base64.urlsafe_b64encode(UUID(last_id).bytes).decode().rstrip("="), {})


def link_on(response: Response, cursor: str, pinned: Mapping[str, str]) -> None:
    """Say where the next page is (RFC 8288): the same question with what is `pinned`."""
    asked = {**request.args.to_dict(), **(request.view_args or {}), **pinned, "cursor": cursor}
    url = url_for(request.endpoint or "", _external=True, **asked)
    response.headers["Link"] = f'<{url}>; rel="next"'
