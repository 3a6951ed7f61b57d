"""One AIS message of one station, unpacked by pyais; what stands in it unknown is None."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pyais.bit_vector import bit_vector
from pyais.constants import TurnRate
from pyais.exceptions import AISBaseException
from pyais.messages import MSG_CLASS

from harbor.fleet.identity import imo_number
from harbor.trackers.ais.assembly import Transmission
from harbor.trackers.contract import NavigationStatus
from harbor.trackers.values import number

PLACES = frozenset({1, 2, 3, 9, 18, 19, 27})
"""Message types that say where a station is."""
PARTICULARS = frozenset({5, 19, 24})
"""Message types that describe a hull."""
SAFETY_TEXT = 14
HEADER_CHARACTERS = 7
NO_STATUS = -1
SHIP_TYPE_MAX = 99
EXTENT_MAX = 1022.0
DRAUGHT_MAX = 25.5
TIME_SLACK = timedelta(seconds=1)
"""A receiver's clock may be so much behind the sender's."""

# Bits up to the last field that is read: pyais makes something of a shorter message too.
_BITS_MIN = {1: 143, 2: 143, 3: 143, 5: 422, 9: 134, 14: 46, 18: 139, 19: 301, 24: 160, 27: 94}
_PART_B_BITS_MIN = 162
_SIX_BITS = bytes((code - 48 if code < 88 else code - 56) & 63 for code in range(256))
_NO_SPEED = {9: 1023, 27: 63}
_TOP_SPEED = {9: 1022, 27: None}
_NO_COURSE = {27: 511}
_STATUSES: dict[int, NavigationStatus] = {
    0: "under_way_using_engine",
    1: "at_anchor",
    2: "not_under_command",
    3: "restricted_manoeuvrability",
    4: "constrained_by_draught",
    5: "moored",
    6: "aground",
    7: "engaged_in_fishing",
    8: "under_way_sailing",
    15: "undefined",
}

Number = TypeVar("Number", int, float)
Said = Any
"""A message with pyais's names for its fields; a field that its type lacks is missing."""


class Target(Protocol):
    """Who says something, of what type; it is unpacked only when somebody asks."""

    @property
    def type(self) -> int: ...
    @property
    def mmsi(self) -> str: ...
    @property
    def is_own_ship(self) -> bool: ...
    @property
    def received_at(self) -> datetime: ...

    def said(self) -> Said | None:
        """None for what can't be unpacked."""
        ...

    def by_itself(self) -> bytes:
        """A message that says this, and when it was received, and no more."""
        ...


@dataclass(frozen=True, slots=True)
class OnAir:
    """A target as it was on the air."""

    type: int
    mmsi: str
    received_at: datetime
    transmission: Transmission

    @property
    def is_own_ship(self) -> bool:
        return self.transmission.is_own_ship

    def said(self) -> Said | None:
        return _unpacked(self.type, self.transmission.payload, self.transmission.fill_bits)

    def by_itself(self) -> bytes:
        return self.transmission.by_itself(self.received_at)


def target_of(transmission: Transmission, received_at: datetime) -> OnAir | None:
    """Only the header is looked at: most ships that a receiver hears are not ours."""
    header = transmission.payload[:HEADER_CHARACTERS].translate(_SIX_BITS)
    if len(header) < HEADER_CHARACTERS:
        return None
    type_, a, b, c, d, e, f = header
    mmsi = (a & 15) << 26 | b << 20 | c << 14 | d << 8 | e << 2 | f >> 4
    return OnAir(type_, f"{mmsi:09d}", received_at, transmission)


def recorded_at(said: Said, received_at: datetime) -> datetime:
    """The time of reception, corrected by the second of the minute that the sender gives.

    The latest moment with that second which is not after the reception; 60 to 63 mean none.
    """
    second = getattr(said, "second", None)
    if not isinstance(second, int) or not 0 <= second <= 59:
        return received_at
    latest = received_at + TIME_SLACK
    moment = latest.replace(second=second, microsecond=0)
    return moment if moment <= latest else moment - timedelta(minutes=1)


def place_of(said: Said) -> dict[str, Any] | None:
    """Members of a report, without vessel and time; None when it doesn't know where it is."""
    if said.lat in (None, 91) or said.lon in (None, 181):
        return None
    type_, speed, course = said.msg_type, said.speed, said.course
    altitude, heading = getattr(said, "alt", None), getattr(said, "heading", None)
    return {
        "latitude": said.lat,
        "longitude": said.lon,
        "speed_knots": None if speed == _NO_SPEED.get(type_, 102.3) else speed,
        "course_degrees": None if course == _NO_COURSE.get(type_, 360) else course,
        "heading_degrees": None if heading == 511 else heading,
        "altitude_metres": None if altitude == 4095 else altitude,
        "navigation_status": _STATUSES.get(getattr(said, "status", NO_STATUS)),
        "attributes": _extras(said) or None,
    }


def particulars_of(said: Said) -> dict[str, Any]:
    """Members of `StaticData` that the message knows."""
    imo = getattr(said, "imo", None)
    known = {
        "name": text_of(said, "shipname"),
        "call_sign": text_of(said, "callsign"),
        "imo_number": imo_number(f"{imo:07d}") if imo else None,
        "ship_type": _up_to(SHIP_TYPE_MAX, getattr(said, "ship_type", None)),
        "length_metres": _extent(said, "to_bow", "to_stern"),
        "beam_metres": _extent(said, "to_port", "to_starboard"),
        "draught_metres": _up_to(DRAUGHT_MAX, number(getattr(said, "draught", None))),
        "destination": text_of(said, "destination"),
    }
    return {name: value for name, value in known.items() if value is not None}


def text_of(said: Said, name: str) -> str | None:
    """Six-bit text: what follows the first @ is filling, and may be anything."""
    return (getattr(said, name, None) or "").partition("@")[0].strip() or None


def _unpacked(type_: int, payload: bytes, fill_bits: int) -> Said | None:
    length = len(payload) * 6 - fill_bits
    if length < _BITS_MIN[type_]:
        return None
    try:
        said = MSG_CLASS[type_].from_vector(bit_vector(payload, fill_bits))
    except (AISBaseException, ValueError):
        return None
    is_cut = length < _PART_B_BITS_MIN and getattr(said, "partno", None) == 1
    return None if is_cut else said


def _extras(said: Said) -> dict[str, object]:
    extras: dict[str, object] = {}
    turn = getattr(said, "turn", None)
    if isinstance(turn, TurnRate):  # turning faster than 5 degrees in 30 s, or nothing known
        if turn is not TurnRate.NO_TI_DEFAULT:
            extras["turning"] = "right" if turn is TurnRate.NO_TI_RIGHT else "left"
    elif turn:
        extras["turn_degrees_per_minute"] = turn
    if said.speed == _TOP_SPEED.get(said.msg_type, 102.2):
        extras["is_speed_or_more"] = True
    return extras


def _up_to(most: Number, value: Number | None) -> Number | None:
    """A value that is set: 0 says that nobody entered it."""
    return value if value is not None and 0 < value <= most else None


def _extent(said: Said, one_way: str, other_way: str) -> float | None:
    """Both distances from the antenna."""
    ends = getattr(said, one_way, None) or 0, getattr(said, other_way, None) or 0
    return _up_to(EXTENT_MAX, float(sum(ends)))
