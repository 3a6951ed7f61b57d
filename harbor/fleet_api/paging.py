"""Cursor paging: pages that neither skip nor repeat while vessels move."""

import base64
import binascii
from collections.abc import Mapping
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
    """Say where the next page is: behind the vessel of this id."""
    link_on(response, base64.urlsafe_b64encode(UUID(last_id).bytes).decode().rstrip("="), {})


def link_on(response: Response, cursor: str, pinned: Mapping[str, str]) -> None:
    """Say where the next page is (RFC 8288): the same question with what is `pinned`."""
    asked = {**request.args.to_dict(), **(request.view_args or {}), **pinned, "cursor": cursor}
    url = url_for(request.endpoint or "", _external=True, **asked)
    response.headers["Link"] = f'<{url}>; rel="next"'
