"""What one navigation sentence of NMEA 0183 says: RMC, GGA, GLL, VTG, HDT or ZDA.

An empty field is None. What stands in a field and can't be read stays as text, for the
contract to name: devices write corrupt bytes under a right checksum too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from harbor.trackers.sentence import Fields
from harbor.trackers.values import number

UNKNOWN_HDOP = 99
FIX_QUALITIES = {
    "1": "gps",
    "2": "differential",
    "3": "precise",
    "4": "rtk",
    "5": "rtk_float",
    "6": "estimated",
    "7": "manual",
}
"""Of GGA. What is missing is no fix: 0 says so, 8 is a simulator."""
RANGE_ERROR_METRES = {"1": 5.0, "2": 2.5}
"""What a receiver is off by at a dilution of one, with and without corrections."""
_NO_FIX_MODES = ("N", "S")
_DEGREES = re.compile(r"([0-9]{0,3})([0-9]{2}(?:\.[0-9]*)?)")
_TIME = re.compile(r"([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9](?:\.[0-9]{0,6})?)[0-9]*")
_CENTURY = 2000
_OLD_YEARS = 80
_YEARS = 1900, 2099

Place = tuple[object, object]


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence: `time` of day and `date` as far as it has them, `is_fix` None when it is
    not about a place.

    `time` and `date` are text when they can't be read; `place` is latitude and longitude.
    `members` and `extras` are a report's, and None where a field is empty.
    """

    time: timedelta | str | None = None
    date: date | str | None = None
    is_fix: bool | None = None
    place: Place | None = None
    members: dict[str, object] = field(default_factory=dict)
    extras: dict[str, object] = field(default_factory=dict)


def saying(fields: Fields) -> Saying | None:
    """None for sentences of other kinds. The talker may be any."""
    read = _READERS.get(fields[0][2:]) if len(fields[0]) == _ADDRESS_LENGTH else None
    if read is None:
        return None
    text = [one.decode("ascii", "replace").strip() for one in fields]
    return read(text + [""] * (_FIELDS_MAX - len(text)))


def _rmc(of: list[str]) -> Saying:
    return Saying(
        time=_time(of[1]),
        date=_short_date(of[9]),
        is_fix=of[2] == "A" and of[12] not in _NO_FIX_MODES,
        place=_place(of[3:7]),
        members={"speed_knots": _number(of[7]), "course_degrees": _number(of[8])},
    )


def _gga(of: list[str]) -> Saying:
    quality, hdop = of[6], number(of[8])
    if hdop is not None and not 0 < hdop < UNKNOWN_HDOP:
        hdop = None
    error, satellites = RANGE_ERROR_METRES.get(quality), number(of[7])
    return Saying(
        time=_time(of[1]),
        is_fix=quality in FIX_QUALITIES,
        place=_place(of[2:6]),
        members={
            "altitude_metres": _number(of[9]) if of[10] == "M" else None,
            "accuracy_metres": round(hdop * error, 1) if hdop and error else None,
        },
        extras={
            "fix": FIX_QUALITIES.get(quality),
            "satellites": None if satellites is None else int(satellites),
            "hdop": hdop,
        },
    )


def _gll(of: list[str]) -> Saying:
    is_fix = of[6] in ("A", "") and of[7] not in _NO_FIX_MODES
    return Saying(time=_time(of[5]), is_fix=is_fix, place=_place(of[1:5]))


def _vtg(of: list[str]) -> Saying:
    return Saying(
        members={
            "course_degrees": _number(of[1]) if of[2] == "T" else None,
            "speed_knots": _number(of[5]) if of[6] == "N" else None,
        }
    )


def _hdt(of: list[str]) -> Saying:
    return Saying(members={"heading_degrees": _number(of[1]) if of[2] == "T" else None})


def _zda(of: list[str]) -> Saying:
    return Saying(time=_time(of[1]), date=_date(of[4], of[3], of[2]))


_READERS: dict[bytes, Callable[[list[str]], Saying]] = {
    b"RMC": _rmc,
    b"GGA": _gga,
    b"GLL": _gll,
    b"VTG": _vtg,
    b"HDT": _hdt,
    b"ZDA": _zda,
}
_ADDRESS_LENGTH = 5
_FIELDS_MAX = 14


def _place(of: list[str]) -> Place | None:
    place = _degrees(of[0], of[1], "NS"), _degrees(of[2], of[3], "EW")
    return None if place == (None, None) else place


def _degrees(text: str, hemisphere: str, signs: str) -> object:
    """Of `dddmm.mmmm`: the two digits before the point are minutes, however many stand before
    them. The hemisphere is N or S, E or W: the second is negative."""
    if not text and not hemisphere:
        return None
    found = _DEGREES.fullmatch(text)
    if found is None or len(hemisphere) != 1 or hemisphere not in signs:
        return f"{text}{hemisphere}"
    minutes = float(found[2])
    if minutes >= 60:
        return f"{text}{hemisphere}"
    degrees = round(int(found[1] or 0) + minutes / 60, 7)
    return -degrees if hemisphere == signs[1] else degrees


def _number(text: str) -> object:
    if not text:
        return None
    found = number(text)
    return text if found is None else found


def _time(text: str) -> timedelta | str | None:
    """Of `hhmmss.sss`, to the microsecond."""
    found = _TIME.fullmatch(text)
    if found is None:
        return text or None
    seconds, _, fraction = found[3].partition(".")
    return timedelta(
        hours=int(found[1]),
        minutes=int(found[2]),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(6, "0") or 0),
    )


def _short_date(text: str) -> date | str | None:
    """Of `ddmmyy`; the years 80 to 99 are of the last century."""
    if len(text) != 6:
        return text or None
    year = number(text[4:])
    century = _CENTURY if year is None or year < _OLD_YEARS else _CENTURY - 100
    return _date(f"{century // 100}{text[4:]}", text[2:4], text[:2])


def _date(year: str, month: str, day: str) -> date | str | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        found = None
    is_known = found is not None and _YEARS[0] <= found.year <= _YEARS[1]
    return found if is_known else f"{year}-{month}-{day}".strip("-") or None
