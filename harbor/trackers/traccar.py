"""What a Traccar server forwards: positions and events as JSON, or a position as a query.

It writes zero where a device gave nothing, and repeats a device's last place with every
message that has none: the time of its fix tells (a repeat is a duplicate).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson

from harbor.errors import Malformed
from harbor.trackers import extras, forms, sentence, values
from harbor.trackers.devices import vessel_named
from harbor.trackers.message import Decoded, Limits, Message, Sender
from harbor.trackers.navigation import Saying, saying
from harbor.trackers.readings import (
    NO_FIX,
    Reading,
    decoded,
    is_call_for_help,
    nothing_in_it,
)
from harbor.trackers.sentence import Refusal

EVENT = "event"
NAMES = ("uniqueId", "id", "deviceid", "dev", "name")
MEMBERS = (
    ("fixTime", "timestamp"),
    ("latitude", "lat"),
    ("longitude", "lon"),
    ("altitude", "alt"),
    ("speed", "speed"),
    ("course", "bearing"),
    ("accuracy", "accuracy"),
)
"""Of a position as Traccar names it, and as OsmAnd and OpenGTS do."""
_PLACEHOLDER = re.compile(r"\A\{\w+\}\Z")
"""As a server leaves it that is too old to know it."""
Fields = Mapping[str, Any]


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """One position. Raises Malformed when there is neither a position nor an event in it.

    A server may forward all its devices, so a vessel's own tracker takes none that is known
    to be another vessel's.
    """
    body = message.body.strip()
    if not body and not message.query:
        return nothing_in_it()
    if body[:1] == b"{":
        reading = _of_json(values.document_of(body), sender, message.body)
    else:
        reading = _of_query(message, sender, limits)
    return decoded([reading], False, sender, limits)


def _of_json(document: Fields, sender: Sender, raw: bytes) -> Reading:
    position, event = values.object_in(document, "position"), values.object_in(document, EVENT)
    if not position and not event:
        raise Malformed("There is neither a position nor an event in it.")
    device = values.object_in(document, "device")
    said = values.object_in(position, "attributes")
    names = (device.get("uniqueId"), device.get("name"), position.get("deviceId"))
    item = _translated(position, said, names, sender)
    alarms = (said.get("alarm"), values.object_in(event, "attributes").get("alarm"))
    word = _why_no_position(position.get("valid")) if position else EVENT
    # Of a device without a fix the place is the last one known, with the time of that fix.
    called_at = values.time_in_words(position.get("deviceTime") or event.get("eventTime"))
    is_sos = any(map(is_call_for_help, alarms))
    return Reading(item, raw, "/position", word, is_sos, called_at)


def _of_query(message: Message, sender: Sender, limits: Limits) -> Reading:
    """By the names of the address in docs/trackers/traccar-server.md, or OsmAnd's."""
    given = forms.fields_of(message)
    fields = {name: text for name, text in given.items() if not _PLACEHOLDER.match(text)}
    position: dict[str, object] = {
        ours: fields.get(ours) or fields.get(theirs) for ours, theirs in MEMBERS
    }
    if fields.get("gprmc"):
        position |= _in_sentence(fields["gprmc"])
    if not any(position.values()):
        raise Malformed("It has no member of a position.")
    raw = forms.as_body(message, given)
    if position["fixTime"] is None:
        position["fixTime"] = fields["fixTime"] = values.in_words(limits.now)
        raw = forms.written(fields)
    said = _attributes(fields)
    item = _translated(position, said, map(fields.get, NAMES), sender)
    word = _why_no_position(position.get("valid", fields.get("valid")))
    return Reading(item, raw, "", word, is_call_for_help(said.get("alarm")))


def _in_sentence(line: str) -> dict[str, object]:
    """A position in the style of OpenGTS: an RMC sentence, knots as everywhere in Traccar."""
    found = sentence.read(line.encode())
    said = None if isinstance(found, Refusal) else saying(found.fields)
    if said is None or said.place is None:
        raise Malformed("gprmc is no RMC sentence with a right checksum and a place.")
    latitude, longitude = said.place
    return values.without_nothing(
        {
            "fixTime": _moment(said),
            "latitude": latitude,
            "longitude": longitude,
            "speed": said.members.get("speed_knots"),
            "course": said.members.get("course_degrees"),
            "valid": said.is_fix,
        }
    )


def _moment(said: Saying) -> str | None:
    """What is no date or no time of day stays, for the contract to name."""
    if isinstance(said.date, date) and isinstance(said.time, timedelta):
        return values.in_words(datetime.combine(said.date, time(), UTC) + said.time)
    return " ".join(str(one) for one in (said.date, said.time) if one is not None) or None


def _attributes(fields: Mapping[str, str]) -> dict[str, object]:
    """Those that stand by themselves, and the JSON of them all."""
    try:
        together = orjson.loads(fields.get("attributes", "{}"))
    except orjson.JSONDecodeError:
        together = {}  # cut by some limit on an address: the position is whole
    return {**fields, **(together if isinstance(together, dict) else {})}


def _why_no_position(valid: object) -> str | None:
    return NO_FIX if valid in (False, "false", "0") else None


def _translated(
    position: Fields, said: Fields, names: Iterable[object], sender: Sender
) -> dict[str, object]:
    return values.without_nothing(
        {
            "vessel": vessel_named(sender, names),
            "recorded_at": values.time_in_words(position.get("fixTime")),
            "latitude": values.quantity(position.get("latitude")),
            "longitude": values.quantity(position.get("longitude")),
            "speed_knots": values.measured(position.get("speed")),
            "course_degrees": values.measured(position.get("course")),
            "altitude_metres": values.quantity(position.get("altitude")),
            "accuracy_metres": values.accuracy(position.get("accuracy")),
            "battery_percent": values.measured(said.get("batteryLevel", said.get("batt"))),
            "attributes": extras.of_traccar(said),
        }
    )
