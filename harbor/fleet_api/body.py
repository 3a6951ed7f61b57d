"""The raw body of a webhook: bounded in bytes and in time, also once it is inflated."""

import zlib
from collections.abc import Collection, Mapping
from typing import Any

import gevent
from gunicorn.http.errors import ParseException

from harbor.errors import Malformed, TooLarge, Unavailable, UnsupportedMedia

PIECE_BYTES = 65_536
AS_IT_IS = ("", "identity")
GZIP = ("gzip", "x-gzip")
GZIP_WINDOW_BITS = 31
"""zlib's way to say: with the header and the checksum of gzip."""


def read_body(
    environ: Mapping[str, Any],
    bytes_max: int,
    timeout_s: float,
    encodings: Collection[str] = AS_IT_IS,
) -> bytes:
    """All bytes as they were sent, at most `bytes_max`.

    Read by hand, one byte more than allowed: the framework silently cuts a chunked body
    that is too long. Raises TooLarge, UnsupportedMedia, Malformed for broken chunks;
    Unavailable for a body that is cut or too slow, because it may be sent again.
    """
    if environ.get("HTTP_CONTENT_ENCODING") and encoding_of(environ) not in encodings:
        raise UnsupportedMedia(f"Send the body as it is, not as {encoding_of(environ)}.")
    given = environ.get("CONTENT_LENGTH")
    length = int(given) if given else None
    if length is not None and length > bytes_max:
        raise _too_large(bytes_max)
    too_slow = Unavailable(f"The body took more than {timeout_s:g} s to come.")
    try:
        with gevent.Timeout(timeout_s, too_slow):
            return _read(environ["wsgi.input"], length, bytes_max)
    except ParseException as error:
        raise Malformed(f"The body is not in chunks as HTTP has them: {error}.") from None
    except OSError:  # senders at sea lose their lines: no fault of ours
        raise Unavailable("The body was cut.") from None


def encoding_of(environ: Mapping[str, Any]) -> str:
    """How the body was packed, in lower case; empty when it was not."""
    return str(environ.get("HTTP_CONTENT_ENCODING", "")).strip().lower()


def inflated(packed: bytes, bytes_max: int) -> bytes:
    """What gzip packed, at most `bytes_max`: no more than that is ever inflated.

    Raises TooLarge, and Malformed for what is not gzip or was cut. Packed it is one piece, as
    senders write it: a megabyte of empty ones would keep a worker busy for seconds.
    """
    inflater = zlib.decompressobj(GZIP_WINDOW_BITS)
    try:
        content = inflater.decompress(packed, bytes_max + 1)
    except zlib.error as error:
        raise Malformed(f"The body is not gzip: {error}.") from None
    if len(content) > bytes_max:
        raise _too_large(bytes_max)
    if not inflater.eof:
        raise Malformed("The body is not whole: its gzip has no end.")
    if inflater.unused_data:
        raise Malformed("There is something behind the end of its gzip.")
    return content


def _read(stream: Any, length: int | None, bytes_max: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while length is None or size < length:
        piece = stream.read(PIECE_BYTES if length is None else min(PIECE_BYTES, length - size))
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if size > bytes_max:
            raise _too_large(bytes_max)
    if length is not None and size < length:
        raise Unavailable(f"The body ended after {size} of {length} bytes.")
    return b"".join(pieces)


def _too_large(bytes_max: int) -> TooLarge:
    return TooLarge(f"A body has at most {bytes_max} bytes: send smaller arrays.")
