"""The raw body of a webhook: bounded in bytes and in time."""

import gevent
from flask import request

from harbor.errors import TooLarge, Unavailable, UnsupportedMedia
from harbor.runtime import running

PIECE_BYTES = 65_536


def read_body() -> bytes:
    """All bytes, at most the limit.

    Read by hand, one byte more than allowed: the framework silently cuts a chunked body
    that is too long. Raises TooLarge, UnsupportedMedia;
    Unavailable for a body that is cut or too slow, because it may be sent again.
    """
    settings = running().settings
    limit = settings.body_bytes_max
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMedia(f"Send the body as it is, not as {encoding}.")
    if (request.content_length or 0) > limit:
        raise TooLarge(f"A body has at most {limit} bytes: send smaller arrays.")
    too_slow = Unavailable(f"The body took more than {settings.body_timeout_s:g} s to come.")
    with gevent.Timeout(settings.body_timeout_s, too_slow):
        return _read(limit)


def _read(limit: int) -> bytes:
    stream = request.environ["wsgi.input"]
    left = request.content_length
    pieces: list[bytes] = []
    size = 0
    while left is None or size < left:
        wanted = PIECE_BYTES if left is None else min(PIECE_BYTES, left - size)
        piece = stream.read(wanted)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise TooLarge(f"A body has at most {limit} bytes: send smaller arrays.")
    body = b"".join(pieces)
    if left is not None and size < left:
        raise Unavailable(f"The body ended after {size} of {left} bytes.")
    return body
