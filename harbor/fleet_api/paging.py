"""Cursor paging: pages that neither skip nor repeat while vessels move."""

import base64
import binascii
from uuid import UUID

from flask import Response, request, url_for

from harbor.errors import Malformed

LIMIT_DEFAULT = 1000
LIMIT_MAX = 10_000


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
        raise Malformed("cursor is not one that a Link header gave.") from None


def link_next(response: Response, last_id: str) -> None:
    """Say where the next page is (RFC 8288)."""
    cursor = base64.urlsafe_b64encode(UUID(last_id).bytes).decode().rstrip("=")
    others = {name: value for name, value in request.args.items() if name != "cursor"}
    endpoint = request.endpoint or ""
    url = url_for(endpoint, _external=True, cursor=cursor, **others)
    response.headers["Link"] = f'<{url}>; rel="next"'
