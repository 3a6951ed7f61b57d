"""What the buffer keeps: one line as it will be posted."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Which of Harbor's formats a line is of: the last part of the address it is posted to."""

    AIS = "ais"
    NMEA = "nmea"
    SIGNALK = "signalk"


CONTENT_TYPES = {
    Kind.AIS: "text/plain",
    Kind.NMEA: "text/plain",
    Kind.SIGNALK: "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a message that takes several lines; `key` is the same on all of them."""

    key: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that says by itself when it was received."""

    kind: Kind
    body: bytes
    received_ms: int
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry that is in the buffer."""

    id: int
    received_ms: int
    body: bytes
    part: Part | None
