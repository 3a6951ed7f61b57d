"""One event of the feed: as a line in Valkey, and as bytes of a text/event-stream.

A line is `<kind> <vessel> <before> <recorded µs> <latitude> <longitude> <feature JSON>`;
`before` is where the vessel was known to be until then, as `<latitude>,<longitude>`, or `-`.
What stands behind it is also what the newest-per-vessel hash keeps. How much the tracker counts
stands in neither: workers of the version before read them too. An alert has 0 for its time,
because it is no place of a vessel, and `nan` for a place that nobody knows.

Every event of the feed is decoded once in every worker, so both values are named tuples:
frozen dataclasses, which cost 2 µs each, were half of the 10 µs that this took.
"""

from typing import NamedTuple

from harbor.fleet.geojson import microseconds
from harbor.fleet.report import PositionReport
from harbor.fleet.sources import Standing

POSITION, LATE, VESSEL, ALERT = b"position", b"late", b"vessel", b"alert"
NO_VESSEL = "-"
"""What an alert is about that is of no vessel of the fleet."""


class Placed(NamedTuple):
    """A vessel's position with its GeoJSON feature; the line's last four parts.

    `standing` goes to the script that publishes, and comes back from nowhere: how much the
    tracker counts and for how long; None: as much as any other that the vessel has.
    """

    vessel_id: str
    recorded_us: int
    latitude: float
    longitude: float
    feature: bytes
    standing: Standing | None = None

    def encode(self) -> bytes:
        return b"%d %r %r %b" % (
            self.recorded_us,
            self.latitude,
            self.longitude,
            self.feature,
        )

    def encode_standing(self) -> bytes:
        """`<precedence> <patience µs>`, or nothing."""
        if self.standing is None:
            return b""
        return b"%d %d000000" % (self.standing.precedence, self.standing.patience_s)


def place(report: PositionReport, feature: bytes, standing: Standing | None = None) -> Placed:
    return Placed(
        vessel_id=str(report.vessel_id),
        recorded_us=microseconds(report.recorded_at),
        latitude=report.latitude,
        longitude=report.longitude,
        feature=feature,
        standing=standing,
    )


def decode_placed(vessel_id: bytes, value: bytes) -> Placed:
    """The inverse of Placed.encode."""
    recorded_us, latitude, longitude, feature = value.split(b" ", 3)
    return Placed(
        vessel_id.decode(), int(recorded_us), float(latitude), float(longitude), feature
    )


class Event(NamedTuple):
    """A numbered event: its kind, what it is about, and its frame, encoded once for all.

    `before` is where the vessel was (latitude, longitude) when the event happened, so that
    whoever watches an area can tell that she left it; None when that was not known.
    """

    number: int
    kind: bytes
    placed: Placed
    frame: bytes
    before: tuple[float, float] | None = None


def decode_event(epoch: bytes, number: int, line: bytes) -> Event:
    kind, vessel_id, before, recorded_us, latitude, longitude, feature = line.split(b" ", 6)
    # tuple.__new__ is what both constructors end in; their own way there takes 1 µs more.
    placed = tuple.__new__(
        Placed,
        (
            vessel_id.decode(),
            int(recorded_us),
            float(latitude),
            float(longitude),
            feature,
            None,
        ),
    )
    ready = b"id: %b-%d\nevent: %b\ndata: %b\n\n" % (epoch, number, kind, feature)
    was = None if before == b"-" else _decode_place(before)
    return tuple.__new__(Event, (number, kind, placed, ready, was))


def _decode_place(place: bytes) -> tuple[float, float]:
    latitude, longitude = place.split(b",")
    return float(latitude), float(longitude)


def relabelled(event: Event, kind: bytes, epoch: bytes) -> Event:
    """The same event under another kind."""
    event_id = feed_id(epoch, event.number)
    return event._replace(kind=kind, frame=frame(kind, event.placed.feature, event_id))


def feed_id(epoch: bytes, number: int) -> bytes:
    return b"%b-%d" % (epoch, number)


def frame(kind: bytes, data: bytes, event_id: bytes | None = None) -> bytes:
    """One event (WHATWG HTML 9.2); `data` is one line of JSON, so it can't break out."""
    if event_id is None:
        return b"event: %b\ndata: %b\n\n" % (kind, data)
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event_id, kind, data)
