"""GPX 1.0 and 1.1: the points of its tracks.

Way points and points of routes say where somebody means to go; they are ignored. Speed and
course are GPX 1.0's own, or stand in the extensions of Garmin or OsmAnd, in metres a second and
degrees. Expat is used by itself: gpxpy and ElementTree's own readers keep whole files, or let
a document declare entities. A DOCTYPE, which no GPX has, is refused, and so is a tag without
an end.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO
from xml.parsers import expat

from harbor.errors import Malformed
from harbor.trackers import values
from harbor.trackers.files.stretch import Entry, Stretch, in_stretches
from harbor.trackers.message import Limits, Sender

PIECE_BYTES = 65_536
TOKEN_BYTES_MAX = 1_048_576
DEPTH_MAX = 64
TEXT_LENGTH_MAX = 256
SEPARATOR = " "
OWN = ("http://www.topografix.com/GPX/1/0", "http://www.topografix.com/GPX/1/1", "")
EXTENSIONS = (
    "http://www.garmin.com/xmlschemas/TrackPointExtension/v1",
    "http://www.garmin.com/xmlschemas/TrackPointExtension/v2",
    "https://osmand.net",
    "https://osmand.net/docs/technical/osmand-file-formats/osmand-gpx",
)
"""Namespaces in which `speed` is metres a second; in any other it may be anything."""
NOT_RECORDED = {"wpt": "way_point", "rtept": "route_point"}
POINTS = ("trkpt", *NOT_RECORDED)


def read(stream: BinaryIO, sender: Sender, limits: Limits, after: int) -> Iterator[Stretch]:
    return in_stretches(entries(stream), sender, limits, after, "point")


def entries(stream: BinaryIO) -> Iterator[Entry]:
    """Every point in order, counted from 1; raises Malformed where the document breaks off."""
    walk = Walk()
    is_open = True
    while is_open:
        piece = stream.read(PIECE_BYTES)
        is_open = bool(piece)
        fault = walk.feed(piece)
        yield from walk.take()
        if fault is not None:
            raise fault


class Walk:
    """Through the elements of one document, gathering points on the way."""

    def __init__(self) -> None:
        self._found: list[Entry] = []
        self._count = 0
        self._depth = 0
        self._quiet_bytes = 0
        self._kind = ""
        self._point: dict[str, str] | None = None
        self._name = ""
        self._text = ""
        self._parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._begin
        self._parser.CharacterDataHandler = self._hear
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> Malformed | None:
        """Go on; nothing at all is the end of the document. What is wrong with it, if it is."""
        self._quiet_bytes += len(piece)
        try:
            self._parser.Parse(piece, not piece)
        except Malformed as error:
            return error
        except expat.ExpatError as error:
            return Malformed(f"{self._place()}: {expat.ErrorString(error.code)}")
        except (LookupError, ValueError) as error:  # of an encoding that nobody knows
            return Malformed(f"{self._place()}: {error}")
        if self._quiet_bytes > TOKEN_BYTES_MAX:
            return Malformed(f"{self._place()}: a tag of more than {TOKEN_BYTES_MAX:,} bytes")
        return None

    def take(self) -> list[Entry]:
        """The points since the last call."""
        found, self._found = self._found, []
        return found

    def _place(self) -> str:
        parser = self._parser
        return f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1}"

    def _refuse_doctype(self, *_: object) -> None:
        raise Malformed(f"{self._place()}: a DOCTYPE, which GPX has not; remove it")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._quiet_bytes = 0
        self._depth += 1
        local = name.rpartition(SEPARATOR)[2]
        if self._depth == 1 and local != "gpx":
            raise Malformed(f"This is not GPX: its outermost element is <{local[:40]}>.")
        if self._depth > DEPTH_MAX:
            raise Malformed(f"{self._place()}: elements in elements, {DEPTH_MAX} deep")
        self._name, self._text = name, ""
        if local in POINTS and self._point is None:
            self._kind, self._point = local, attributes

    def _hear(self, text: str) -> None:
        self._quiet_bytes = 0
        if len(self._text) < TEXT_LENGTH_MAX:
            self._text += text[:TEXT_LENGTH_MAX]

    def _end(self, name: str) -> None:
        self._quiet_bytes = 0
        self._depth -= 1
        point = self._point
        if point is None:
            return
        if name.rpartition(SEPARATOR)[2] == self._kind:
            self._point = None
            self._count += 1
            self._found.append(entry_of(self._count, self._kind, point))
        elif name == self._name:  # an element without others inside
            member = member_of(name)
            if member is not None:
                point.setdefault(member, self._text.strip())


def member_of(name: str) -> str | None:
    """The name by which an element inside a point is kept; None: it says nothing to us."""
    namespace, _, local = name.rpartition(SEPARATOR)
    if namespace in OWN:
        return local
    return local if namespace in EXTENSIONS and local in ("speed", "course") else None


def entry_of(number: int, kind: str, point: dict[str, str]) -> Entry:
    if kind in NOT_RECORDED:
        return Entry(number, ignored=NOT_RECORDED[kind])
    if point.get("fix") == "none":
        return Entry(number, ignored="no_fix")
    read = {member: READ[member](text) for member, text in point.items() if member in READ}
    said = values.without_nothing({MEMBERS[member]: value for member, value in read.items()})
    extras = [(name, said.pop(name)) for name in ATTRIBUTES if name in said]
    if extras:
        said["attributes"] = values.attributes(extras)
    return Entry(number, said)


def _time(text: str) -> object:
    moment = values.moment_of_text(text)
    return text if moment is None else values.in_words(moment)


def _knots(text: str) -> float | None:
    return values.known(text, values.KNOTS_PER_METRE_PER_SECOND)


READ: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "time": _time,
        "lat": values.coordinate,
        "lon": values.coordinate,
        "speed": _knots,
        "course": values.known,
        "ele": values.number,
        "sat": values.known,
        "hdop": values.known,
    }
)
MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "time": "recorded_at",
        "lat": "latitude",
        "lon": "longitude",
        "speed": "speed_knots",
        "course": "course_degrees",
        "ele": "altitude_metres",
        "sat": "satellites",
        "hdop": "hdop",
    }
)
ATTRIBUTES = ("satellites", "hdop")
