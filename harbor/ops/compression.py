"""Gzip for pages and their JSON, where it is safe and helps.

BREACH: whoever sees the length of compressed answers and chooses a part of them learns what
else is in them. Ours hold a form token, so a page is compressed only when nothing of the
request stands in it: after a GET without a query. JSON for the scripts holds no secret, and
`/stream` has its own compression. See docs/decisions/0011-static-files-by-content.md.
"""

import zlib
from collections.abc import Iterable, Iterator

import gevent
from flask import Flask, Response, request

WORTH_BYTES = 1_024
LONG_BYTES = 65_536
"""From here on another thread does it, so that the streams need not wait."""
LEVEL = 5
GZIP = 31
"""zlib's way of asking for gzip's header and the largest window."""
JSON = {"application/json", "application/geo+json", "application/x-ndjson"}


def install(app: Flask) -> None:
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The answer, shorter if its reader accepts that."""
    if not may_be_compressed(response):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return response
    if response.is_streamed:
        response.response = zipped_parts(response.iter_encoded())
    else:
        body = response.get_data()
        if len(body) < WORTH_BYTES:
            return response
        response.set_data(zipped(body))
    response.headers["Content-Encoding"] = "gzip"
    return response


def may_be_compressed(response: Response) -> bool:
    if request.blueprint != "fleet_web" or request.method != "GET":
        return False
    if response.status_code != 200 or "Content-Encoding" in response.headers:
        return False
    return response.mimetype in JSON or (
        response.mimetype == "text/html" and not request.query_string
    )


def zipped(body: bytes) -> bytes:
    if len(body) < LONG_BYTES:
        return zlib.compress(body, LEVEL, GZIP)
    shorter: bytes = gevent.get_hub().threadpool.apply(zlib.compress, (body, LEVEL, GZIP))
    return shorter


def zipped_parts(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Each part can be read as soon as it arrives."""
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    for part in parts:
        yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
