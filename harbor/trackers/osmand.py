"""What Traccar Client and OsmAnd post: a query, a form or JSON; one position, or many.

Old apps and version 10 write flat parameters with knots; version 9 nests them, in metres per
second. The body tells them apart, not its content type.
"""

from collections.abc import Mapping
from typing import Any

from harbor.errors import Malformed
from harbor.trackers import extras, forms, values
from harbor.trackers.devices import vessel_unless_bound
from harbor.trackers.message import Decoded, Limits, Message, Sender
from harbor.trackers.readings import (
    HEARTBEAT,
    NO_FIX,
    NOT_A_POSITION,
    Reading,
    decoded,
    is_call_for_help,
    nothing_in_it,
    require_room,
)

NAMES = ("id", "deviceid", "device_id", "imei")
SPEED_METRIC = "speed_metres_per_second"
PUSH_ADDRESS = "notificationToken"
KNOWN = frozenset((*NAMES, PUSH_ADDRESS, "lat", "lon", "location", "timestamp", "alarm"))
Fields = Mapping[str, Any]


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """Raises Malformed when nothing of the format is in it, Invalid for too many positions."""
    body = message.body.strip()
    if not body and not message.query:
        return nothing_in_it()
    if body[:1] in (b"{", b"["):
        return _of_json(message.body, sender, limits)
    fields = forms.fields_of(message)
    if KNOWN.isdisjoint(fields):
        raise Malformed("It has neither a device's name nor a place.")
    timed = _timed(fields, limits)
    raw = forms.as_body(message, fields) if timed is fields else forms.written(timed)
    return decoded([_flat(timed, sender, raw, "")], False, sender, limits)


def _of_json(body: bytes, sender: Sender, limits: Limits) -> Decoded:
    """One object, or an array: a fork of Traccar Client sends up to a hundred at once."""
    document = values.document_of(body)
    if not isinstance(document, list):
        reading = _reading(document, body, sender, limits, "")
        return decoded([reading], False, sender, limits)
    require_room(len(document), limits)
    readings = [
        _reading(item, values.body_of(item), sender, limits, f"/{at}")
        if isinstance(item, dict)
        else Reading(item, values.body_of([item]), f"/{at}")
        for at, item in enumerate(document)
    ]
    return decoded(readings, True, sender, limits)


def _reading(
    item: dict[str, Any], raw: bytes, sender: Sender, limits: Limits, base: str
) -> Reading:
    location = item.get("location")
    if isinstance(location, dict):
        timed = _timed(location, limits)
        whole = item if timed is location else item | {"location": timed}
        return _nested(whole, sender, raw if whole is item else values.body_of(whole), base)
    if isinstance(location, str | None):
        whole = _timed(item, limits)
        return _flat(whole, sender, raw if whole is item else values.body_of(whole), base)
    return Reading(location, raw, f"{base}/location")


def _timed(fields: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """With a time: who gives none means now, and still means it when it is read again."""
    if fields.get("timestamp") not in (None, ""):
        return fields
    return fields | {"timestamp": values.in_words(limits.now)}


def _flat(fields: Fields, sender: Sender, raw: bytes, base: str) -> Reading:
    latitude, longitude = _place(fields)
    item = values.without_nothing(
        {
            "vessel": vessel_unless_bound(sender, map(fields.get, NAMES)),
            "recorded_at": values.time_in_words(fields["timestamp"]),
            "latitude": values.quantity(latitude),
            "longitude": values.quantity(longitude),
            "speed_knots": _speed_knots(fields),
            "course_degrees": values.measured(fields.get("bearing", fields.get("heading"))),
            "altitude_metres": values.quantity(fields.get("altitude")),
            "accuracy_metres": values.accuracy(fields.get("accuracy")),
            "battery_percent": values.measured(fields.get("batt")),
            "attributes": extras.of_traccar(fields),
        }
    )
    word = _why_no_position(fields, item)
    return Reading(item, raw, base, word, is_call_for_help(fields.get("alarm")))


def _speed_knots(fields: Fields) -> object:
    """OsmAnd itself knows metres per second only: its address says so by the name."""
    if SPEED_METRIC in fields:
        return values.measured(fields[SPEED_METRIC], values.KNOTS_PER_METRE_PER_SECOND)
    return values.measured(fields.get("speed"))


def _place(fields: Fields) -> tuple[object, object]:
    both = fields.get("location")
    if not isinstance(both, str):
        return fields.get("lat"), fields.get("lon")
    latitude, _, longitude = both.partition(",")
    return latitude, longitude


def _why_no_position(fields: Fields, item: Mapping[str, object]) -> str | None:
    if _is_sign_of_life(fields, item):
        return NOT_A_POSITION if PUSH_ADDRESS in fields else HEARTBEAT
    valid = fields.get("valid")
    return None if valid is None or str(valid).lower() in ("true", "1") else NO_FIX


def _is_sign_of_life(fields: Fields, item: Mapping[str, object]) -> bool:
    """A device that names itself and no place; who names neither sends something else."""
    is_nowhere = "latitude" not in item and "longitude" not in item
    return is_nowhere and not fields.keys().isdisjoint(NAMES)


def _nested(document: Fields, sender: Sender, raw: bytes, base: str) -> Reading:
    """Version 9; Dawarich's app has no `coords`, and battery and activity further out."""
    location = document["location"]
    fix = values.object_in(location, "coords") or location
    battery = values.object_in(location, "battery") or values.object_in(document, "battery")
    item = values.without_nothing(
        {
            "vessel": vessel_unless_bound(sender, map(document.get, NAMES)),
            "recorded_at": values.time_in_words(location["timestamp"]),
            "latitude": values.quantity(fix.get("latitude")),
            "longitude": values.quantity(fix.get("longitude")),
            "speed_knots": values.measured(fix.get("speed"), values.KNOTS_PER_METRE_PER_SECOND),
            "course_degrees": values.measured(fix.get("heading")),
            "altitude_metres": values.altitude(
                fix.get("altitude"), fix.get("altitude_accuracy")
            ),
            "accuracy_metres": values.accuracy(fix.get("accuracy")),
            "battery_percent": values.measured(battery.get("level"), 100),
            "attributes": _besides(document, location, battery),
        }
    )
    word = HEARTBEAT if _is_sign_of_life(document, item) else None
    return Reading(item, raw, base, word, is_call_for_help(_alarm(document, location)))


def _besides(document: Fields, location: Fields, battery: Fields) -> dict[str, object] | None:
    activity = location.get("activity") or document.get("activity")
    return values.attributes(
        [
            ("activity", activity.get("type") if isinstance(activity, dict) else activity),
            ("alarm", _alarm(document, location)),
            ("event", location.get("event") or None),
            ("is_charging", battery.get("is_charging")),
            ("is_mock", location.get("mock")),
            ("is_moving", location.get("is_moving")),
            ("odometer_metres", location.get("odometer")),
        ]
    )


def _alarm(document: Fields, location: Fields) -> object:
    extra = values.object_in(location, "extras")
    return location.get("alarm") or extra.get("alarm") or document.get("alarm")
