"""One event of the feed: as a line in Valkey, and as bytes of a text/event-stream.

A line is `<kind> <vessel> <recorded µs> <latitude> <longitude> <feature JSON>`.
What stands behind the vessel is also what the newest-per-vessel hash keeps.
"""

from dataclasses import dataclass

from harbor.fleet.geojson import microseconds
from harbor.fleet.report import PositionReport

POSITION, LATE, VESSEL = b"position", b"late", b"vessel"


@dataclass(frozen=True, slots=True)
class Placed:
    """A vessel's position with its GeoJSON feature; the line's last four parts."""

    vessel_id: str
    recorded_us: int
    latitude: float
    longitude: float
    feature: bytes

    def encode(self) -> bytes:
        return b"%d %r %r %b" % (
            self.recorded_us,
            self.latitude,
            self.longitude,
            self.feature,
        )


def place(report: PositionReport, feature: bytes) -> Placed:
    return Placed(
        vessel_id=str(report.vessel_id),
        recorded_us=microseconds(report.recorded_at),
        latitude=report.latitude,
        longitude=report.longitude,
        feature=feature,
    )


def decode_placed(vessel_id: bytes, value: bytes) -> Placed:
    """The inverse of Placed.encode."""
    recorded_us, latitude, longitude, feature = value.split(b" ", 3)
    return Placed(
        vessel_id.decode(), int(recorded_us), float(latitude), float(longitude), feature
    )


@dataclass(frozen=True, slots=True)
class Event:
    """A numbered event: its kind, what it is about, and its frame, encoded once for all."""

    number: int
    kind: bytes
    placed: Placed
    frame: bytes


def decode_event(epoch: bytes, number: int, line: bytes) -> Event:
    kind, vessel_id, value = line.split(b" ", 2)
    placed = decode_placed(vessel_id, value)
    return Event(number, kind, placed, frame(kind, placed.feature, feed_id(epoch, number)))


def relabelled(event: Event, kind: bytes, epoch: bytes) -> Event:
    """The same event under another kind."""
    feature = event.placed.feature
    return Event(
        event.number, kind, event.placed, frame(kind, feature, feed_id(epoch, event.number))
    )


def feed_id(epoch: bytes, number: int) -> bytes:
    return b"%b-%d" % (epoch, number)


def frame(kind: bytes, data: bytes, event_id: bytes | None = None) -> bytes:
    """One event (WHATWG HTML 9.2); `data` is one line of JSON, so it can't break out."""
    if event_id is None:
        return b"event: %b\ndata: %b\n\n" % (kind, data)
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event_id, kind, data)
