"""GeoJSON (RFC 7946): every fix of every tracker as a Point, as in the partners' API."""

from collections.abc import Iterator

from harbor.fleet import geojson
from harbor.fleet.formats.track_file import Heading, Pages


def pieces(heading: Heading, pages: Pages) -> Iterator[bytes]:
    members = geojson.track_members(heading.vessel, heading.start_at, heading.end_at)
    head, _, end = geojson.collection((), members).rpartition(b"]")
    yield head
    is_first = True
    for page in pages:
        points = b",".join(geojson.track_point(one.report, one.received_at) for one in page)
        yield points if is_first else b"," + points
        is_first = False
    yield b"]" + end
