"""What Overland posts: batches of GeoJSON features, longitude before latitude.

Among them are entries of its log, with the time of the entry and the place of an older fix:
to take them would show old positions as new.
"""

from collections.abc import Mapping
from typing import Any

from harbor.errors import Malformed
from harbor.trackers import values
from harbor.trackers.devices import vessel_unless_bound
from harbor.trackers.message import Decoded, Limits, Message, Sender
from harbor.trackers.readings import (
    NOT_A_POSITION,
    Reading,
    decoded,
    nothing_in_it,
    require_room,
)

LOG_ENTRY_MEMBERS = ("action", "type")
"""`action` of a log entry (a visit, tracking switched on), `type` of a finished trip."""
NO_STATE = (None, "", "unknown")
Fields = Mapping[str, Any]


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """Each feature by itself. Raises Malformed without `locations`, Invalid for too many.

    `current` is the newest fix of a phone that has a backlog to send; it comes again in a
    later batch, so that one without room for it may do without.
    """
    if not message.body.strip():
        return nothing_in_it()
    document = values.document_of(message.body)
    locations = document.get("locations") if isinstance(document, dict) else None
    if not isinstance(locations, list):
        raise Malformed("There is no array of locations in it.")
    require_room(len(locations), limits)
    features = [(item, f"/locations/{at}") for at, item in enumerate(locations)]
    if isinstance(document.get("current"), dict) and len(features) < limits.reports_max:
        features.append((document["current"], "/current"))
    readings = [_reading(item, sender, limits, base) for item, base in features]
    return decoded(readings, True, sender, limits)


def _reading(feature: Any, sender: Sender, limits: Limits, base: str) -> Reading:
    if not isinstance(feature, dict):
        return Reading(feature, _alone(feature), base)
    said = values.object_in(feature, "properties")
    geometry = values.object_in(feature, "geometry")
    if geometry.get("type") != "Point" or any(said.get(name) for name in LOG_ENTRY_MEMBERS):
        return Reading({}, b"", base, NOT_A_POSITION)
    timed = said
    if said.get("timestamp") in (None, ""):
        timed = said | {"timestamp": values.in_words(limits.now)}
    item = _translated(timed, geometry.get("coordinates"), sender)
    return Reading(item, _alone(feature | {"properties": timed}), base)


def _alone(feature: Any) -> bytes:
    return values.body_of({"locations": [feature]})


def _translated(said: Fields, coordinates: object, sender: Sender) -> dict[str, object]:
    longitude, latitude = _pair(coordinates)
    return values.without_nothing(
        {
            "vessel": vessel_unless_bound(
                sender, (said.get("device_id"), said.get("unique_id"))
            ),
            "recorded_at": values.time_in_words(said["timestamp"]),
            "latitude": values.quantity(latitude),
            "longitude": values.quantity(longitude),
            "speed_knots": values.measured(
                said.get("speed"), values.KNOTS_PER_METRE_PER_SECOND
            ),
            "course_degrees": values.measured(said.get("course")),
            "altitude_metres": values.altitude(
                said.get("altitude"), said.get("vertical_accuracy")
            ),
            "accuracy_metres": values.accuracy(said.get("horizontal_accuracy")),
            "battery_percent": values.measured(said.get("battery_level"), 100),
            "attributes": _besides(said),
        }
    )


def _pair(coordinates: object) -> tuple[object, object]:
    """Longitude and latitude; a third would be the altitude, which has its own member."""
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        return None, None
    return coordinates[0], coordinates[1]


def _besides(said: Fields) -> dict[str, object] | None:
    state = said.get("battery_state")
    return values.attributes(
        [
            ("battery_state", None if state in NO_STATE else state),
            ("motion", values.listed(said.get("motion"))),
        ]
    )
