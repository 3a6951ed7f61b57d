"""What the columns of a table of positions are called, and how their cells are read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from harbor.errors import Malformed
from harbor.trackers import values

UNKNOWN = frozenset({"", "-", "nan", "null", "none", "n/a"})
"""What tables write where there is nothing."""
MILLISECONDS_FROM = 100_000_000_000
"""A greater number of seconds would be after the year 5100."""
VESSEL = "vessel"

_SEPARATORS = re.compile(r"[^a-z0-9]+")
_SLASHED_DATE = re.compile(r"\A([0-9]{4})/([0-9]{2})/([0-9]{2})")


def time(cell: str) -> object:
    """ISO 8601 (UTC where it names no offset), or Unix seconds or milliseconds."""
    seconds = None if ":" in cell else values.number(cell)
    if seconds is None:
        moment = values.moment_of_text(_SLASHED_DATE.sub(r"\1-\2-\3", cell))
    else:
        moment = moment_of_number(seconds)
    return cell if moment is None else values.in_words(moment)


def moment_of_number(seconds: float) -> datetime | None:
    is_in_ms = abs(seconds) >= MILLISECONDS_FROM
    return values.moment_of_unix(seconds / 1000 if is_in_ms else seconds)


def number(cell: str) -> object:
    """What is no number stays, for the contract to refuse."""
    return values.coordinate(cell)


def words(cell: str) -> object:
    return cell


def scaled(scale: float) -> Callable[[str], object]:
    def read(cell: str) -> object:
        found = values.number(cell)
        return cell if found is None else found * scale

    return read


def unless(unknown: float) -> Callable[[str], object]:
    """A number that AIS receivers write where the transponder did not say."""

    def read(cell: str) -> object:
        found = values.coordinate(cell)
        return None if found == unknown else found

    return read


@dataclass(frozen=True, slots=True)
class Meaning:
    """The member of `contract.Report` that a column is, and how its cells are read."""

    member: str
    read: Callable[[str], object] = number


MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("recorded_at", "fix_time", "time", "timestamp", "date_time", "datetime"),
                *("base_date_time", "basedatetime", "gps_time", "utc_time", "time_utc"),
            ),
            Meaning("recorded_at", time),
        ),
        **dict.fromkeys(("latitude", "lat", "y"), Meaning("latitude")),
        **dict.fromkeys(("longitude", "lon", "lng", "long", "x"), Meaning("longitude")),
        **dict.fromkeys(("speed_knots", "speed_kn", "sog_knots"), Meaning("speed_knots")),
        **dict.fromkeys(("sog_kn", "sog"), Meaning("speed_knots", unless(102.3))),
        **dict.fromkeys(
            ("speed_kmh", "speed_km_h", "speed_kph"),
            Meaning("speed_knots", scaled(values.KNOTS_PER_KILOMETRE_PER_HOUR)),
        ),
        **dict.fromkeys(
            ("speed_mps", "speed_m_s", "speed_ms"),
            Meaning("speed_knots", scaled(values.KNOTS_PER_METRE_PER_SECOND)),
        ),
        **dict.fromkeys(
            ("course_degrees", "course_deg", "course", "bearing"), Meaning("course_degrees")
        ),
        **dict.fromkeys(("cog_deg", "cog"), Meaning("course_degrees", unless(360))),
        **dict.fromkeys(
            ("heading_degrees", "heading_deg", "heading", "true_heading"),
            Meaning("heading_degrees", unless(511)),
        ),
        **dict.fromkeys(
            ("accuracy_metres", "accuracy_m", "accuracy"), Meaning("accuracy_metres")
        ),
        **dict.fromkeys(
            ("altitude_metres", "altitude_m", "altitude", "elevation", "ele"),
            Meaning("altitude_metres"),
        ),
        "battery_percent": Meaning("battery_percent"),
        "navigation_status": Meaning("navigation_status", words),
        **dict.fromkeys(("vessel", "vessel_id", "mmsi", "imo", "imo_number"), Meaning(VESSEL)),
    }
)
"""By their names in small letters, with `_` for whatever stands between words."""
NEEDED = (
    ("recorded_at", "the time (recorded_at, fix_time, time, timestamp)"),
    ("latitude", "the latitude (latitude, lat)"),
    ("longitude", "the longitude (longitude, lon, lng)"),
)


def meanings_of(header: Sequence[str], place: str) -> list[Meaning | None]:
    """For each column what it is; None: nothing that is taken. Of two that are the same, the
    first. Raises Malformed when one is missing, or a speed does not say its unit."""
    found: list[Meaning | None] = []
    taken: set[str] = set()
    for title in header:
        name = _SEPARATORS.sub("_", title.lower()).strip("_")
        if name == "speed":
            raise Malformed(
                f"{place}: the column {title.strip()!r} does not say its unit: call it"
                " speed_knots, speed_kmh or speed_mps"
            )
        meaning = MEANINGS.get(name)
        is_new = meaning is not None and meaning.member not in taken
        found.append(meaning if is_new else None)
        taken.update([meaning.member] if meaning else [])
    missing = [words for member, words in NEEDED if member not in taken]
    if missing:
        raise Malformed(
            f"{place}: no column is called {missing[0]}; it names"
            f" {', '.join(title.strip()[:40] for title in header[:20])}"
        )
    return found
