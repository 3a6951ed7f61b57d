"""Deltas into reports: each position with the speed, course and heading observed around it."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import degrees, tau
from typing import Any
from uuid import UUID

import orjson

from harbor.errors import Invalid
from harbor.trackers import values
from harbor.trackers.contract import Draft, judge_all
from harbor.trackers.message import Alert, Decoded, Limits, Message, Sender, StaticData
from harbor.trackers.signalk import alarm, paths
from harbor.trackers.signalk.delta import OWN, Observation, is_uuid, read, reference
from harbor.trackers.signalk.hull import particulars
from harbor.trackers.signalk.logbook import Logbook

NAME = re.compile(r"\A[A-Za-z0-9_-]{1,64}\Z")
MOVING_WITHIN = timedelta(seconds=5)
"""A boat that turns says within so long what she does now."""
EXTRAS_WITHIN = timedelta(seconds=15)
SLOW_WITHIN = timedelta(minutes=10)
KELVIN = 273.15
LATITUDE_UNKNOWN, LONGITUDE_UNKNOWN = 91, 181
"""What AIS says instead of a place; a server passes it on."""
STATUSES = {
    "motoring": "under_way_using_engine",
    "anchored": "at_anchor",
    "not under command": "not_under_command",
    "constrained by draft": "constrained_by_draught",
    "moored": "moored",
    "aground": "aground",
    "fishing": "engaged_in_fishing",
    "fishing-hampered": "engaged_in_fishing",
    "trawling": "engaged_in_fishing",
    "trawling-shooting": "engaged_in_fishing",
    "trawling-hauling": "engaged_in_fishing",
    "sailing": "under_way_sailing",
    "default": "undefined",
}
EXTRAS = {
    paths.SPEED_THROUGH_WATER: (
        "speed_through_water_knots",
        values.KNOTS_PER_METRE_PER_SECOND,
        0.0,
    ),
    paths.RATE_OF_TURN: ("rate_of_turn_degrees_per_minute", degrees(60), 0.0),
    paths.SATELLITES: ("satellites", 1, 0.0),
    paths.HDOP: ("hdop", 1, 0.0),
    paths.DEPTH_BELOW_TRANSDUCER: ("depth_below_transducer_metres", 1, 0.0),
    paths.DEPTH_BELOW_SURFACE: ("depth_below_surface_metres", 1, 0.0),
    paths.DEPTH_BELOW_KEEL: ("depth_below_keel_metres", 1, 0.0),
    paths.WATER_TEMPERATURE: ("water_temperature_celsius", 1, -KELVIN),
    paths.WIND_SPEED: ("wind_speed_true_knots", values.KNOTS_PER_METRE_PER_SECOND, 0.0),
}
WITHIN = {
    **dict.fromkeys(paths.MOVING, MOVING_WITHIN),
    **dict.fromkeys(EXTRAS, EXTRAS_WITHIN),
    paths.VARIATION: SLOW_WITHIN,
    paths.STATE: SLOW_WITHIN,
}


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """Positions of the sender's vessel, or of its fleet's, her particulars and alarms.

    Raises Malformed for what has no delta, Invalid above `limits.reports_max` positions.
    """
    reading = read(message.body, limits.now)
    ignored = reading.ignored
    drafts: list[Draft] = []
    static: list[StaticData] = []
    alerts: list[Alert] = []
    for context, observations in _by_context(reading.observations).items():
        whose = _whose(context, sender)
        if whose is None:
            ignored["other_vessel"] += _positions_in(observations) or 1
            continue
        drafts += _drafts(observations, whose, len(drafts), ignored)
        alerts += alarm.alerts(observations, whose.vessel_id, limits.now, ignored)
        if whose.vessel_id is not None:
            said = particulars(observations, whose.vessel_id, limits.now)
            static += [said] if said else []
    if len(drafts) > limits.reports_max:
        raise Invalid(f"A message has at most {limits.reports_max} positions.")
    if not (drafts or static or alerts or +ignored):
        ignored["not_a_position"] += 1
    judged = judge_all(drafts, sender, limits)
    return Decoded(reading.is_array, *judged, +ignored, tuple(static), tuple(alerts))


@dataclass(frozen=True, slots=True)
class Whose:
    """The vessel of a context; `named` is how a report names her, if it must."""

    vessel_id: UUID | None
    named: str | None


def _whose(context: str, sender: Sender) -> Whose | None:
    """None: a vessel that this sender may not report for, or none of ours."""
    if context == OWN:
        return Whose(sender.vessel_id, None)
    name = reference(context)
    vessel_id = sender.find_vessel(name) if NAME.match(name) else None
    if sender.vessel_id is not None:
        # Only a vessel without an MMSI is known by the UUID of her own server.
        is_own = vessel_id == sender.vessel_id or (vessel_id is None and is_uuid(context))
        return Whose(sender.vessel_id, None) if is_own else None
    return Whose(vessel_id, name) if vessel_id is not None else None


def _by_context(observations: tuple[Observation, ...]) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for one in observations:
        found.setdefault(one.context, []).append(one)
    return found


def _positions_in(observations: list[Observation]) -> int:
    return sum(one.path == paths.POSITION for one in observations)


def _drafts(
    observations: list[Observation], whose: Whose, first: int, ignored: Counter[str]
) -> list[Draft]:
    positions = [one for one in observations if one.path == paths.POSITION]
    known = [one for one in positions if _is_known(one.value)]
    ignored["no_fix"] += len(positions) - len(known)
    logbook = Logbook(observations)
    wanted = [(path, within) for path, within in WITHIN.items() if path in logbook.paths]
    return [_draft(first + at, one, whose, logbook, wanted) for at, one in enumerate(known)]


def _is_known(place: Any) -> bool:
    """Null, alone or as a coordinate, is a receiver without a fix."""
    if not isinstance(place, dict):
        return place is not None
    latitude, longitude = place.get("latitude"), place.get("longitude")
    return (
        latitude is not None
        and longitude is not None
        and latitude != LATITUDE_UNKNOWN
        and longitude != LONGITUDE_UNKNOWN
    )


def _draft(
    index: int,
    position: Observation,
    whose: Whose,
    logbook: Logbook,
    wanted: list[tuple[str, timedelta]],
) -> Draft:
    around = {path: logbook.near(position, path, within) for path, within in wanted}
    known = {path: _plain(value) for path, value in around.items() if value is not None}
    stated, place = _plain(position.stated), _place(position.value)
    item = _item(place, known) | {"recorded_at": _in_words(stated, position.moment)}
    if whose.named is not None:
        item["vessel"] = whose.named
    raw = _raw(position.context, stated, {paths.POSITION: place} | known)
    return Draft(index, item, raw, position.pointer)


def _place(value: Any) -> Any:
    """Where she was, without anything else; what is no place stays, to be refused."""
    if not isinstance(value, dict):
        return _plain(value)
    names = ("latitude", "longitude", "altitude")
    return {name: _plain(value[name]) for name in names if value.get(name) is not None}


def _item(place: Any, known: dict[str, Any]) -> dict[str, Any]:
    """The members of a report; Signal K counts in metres a second and in radians."""
    if not isinstance(place, dict):
        place = {"latitude": place}
    variation = known.get(paths.VARIATION)
    course, magnetic = known.get(paths.COURSE), known.get(paths.COURSE_MAGNETIC)
    heading, compass = known.get(paths.HEADING), known.get(paths.HEADING_MAGNETIC)
    return values.without_nothing(
        {
            "latitude": values.coordinate(place.get("latitude")),
            "longitude": values.coordinate(place.get("longitude")),
            "altitude_metres": values.coordinate(place.get("altitude")),
            "speed_knots": _scaled(known.get(paths.SPEED), values.KNOTS_PER_METRE_PER_SECOND),
            "course_degrees": _angle(_true(course, magnetic, variation)),
            "heading_degrees": _angle(_true(heading, compass, variation)),
            "navigation_status": _status(known.get(paths.STATE)),
            "attributes": values.attributes(_extras(known)),
        }
    )


def _true(true: Any, magnetic: Any, variation: Any) -> Any:
    """The true angle; from the compass where only that and its variation are known."""
    east, compass = values.number(variation), values.number(magnetic)
    if true is not None or east is None or compass is None:
        return true
    sum_of_both = compass + east
    return sum_of_both % tau if abs(compass) <= tau else compass


def _angle(radians: Any) -> Any:
    """0 to 360; a full circle either way is rounding, or a sender that counts to port."""
    found = _scaled(radians, degrees(1))
    if not isinstance(found, float) or not -360.0 <= found <= 360.1:
        return found
    return round(found % 360.0, 3)


def _scaled(value: Any, scale: float) -> Any:
    """What is no number stays, for the contract to refuse."""
    found = values.number(value)
    return value if found is None else round(found * scale, 3) + 0.0


def _status(state: Any) -> str | None:
    """The schema spells one of them wrong, and servers spell it in several ways."""
    if not isinstance(state, str):
        return None
    word = state.strip().lower()
    return "restricted_manoeuvrability" if word[:14] == "restricted man" else STATUSES.get(word)


def _extras(known: dict[str, Any]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for path, (name, scale, offset) in EXTRAS.items():
        value = values.number(known[path]) if path in known else None
        if value is not None:
            found.append((name, round(value * scale + offset, 3)))
    return found


def _in_words(stated: Any, moment: datetime | None) -> Any:
    return stated if moment is None else values.in_words(moment)


def _raw(context: str, stated: Any, known: dict[str, Any]) -> bytes:
    """A delta by itself that says all that this report was made of."""
    entries = [{"path": path, "value": value} for path, value in known.items()]
    update = {"timestamp": stated, "values": entries}
    return orjson.dumps({"context": context, "updates": [update]})


def _plain(value: Any) -> Any:
    """Scalars as they are; of anything deeper only that it is not one."""
    return value if value is None or isinstance(value, str | int | float) else "not a scalar"
