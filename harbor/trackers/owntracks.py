"""What OwnTracks posts in its HTTP mode: one object each, or an array of them.

It leaves out what is zero, so a missing speed is no standstill: it is unknown.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from harbor.errors import Malformed
from harbor.trackers import forms, values
from harbor.trackers.devices import vessel_unless_bound
from harbor.trackers.message import Decoded, Limits, Message, Sender
from harbor.trackers.readings import (
    NOT_A_POSITION,
    Reading,
    decoded,
    nothing_in_it,
    require_room,
)

USER_HEADER, DEVICE_HEADER = "x-limit-u", "x-limit-d"
LOCATION = "location"
OTHERS = frozenset(
    {
        "beacon",
        "card",
        "cmd",
        "configuration",
        "dump",
        "encrypted",
        "lwt",
        "request",
        "status",
        "steps",
        "transition",
        "waypoint",
        "waypoints",
    }
)
BATTERY_STATES = MappingProxyType({1: "unplugged", 2: "charging", 3: "full"})
CONNECTIONS = MappingProxyType({"w": "wifi", "m": "mobile", "o": "offline"})
TRIGGERS = MappingProxyType(
    {
        "b": "beacon",
        "c": "region",
        "p": "ping",
        "r": "request",
        "t": "timer",
        "u": "manual",
        "v": "frequent_locations",
    }
)
Fields = Mapping[str, Any]


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """Raises Malformed for what is not JSON of objects, Invalid for too many of them.

    Bodies without a byte are how a phone forgets a friend. Of a fleet's own tracker the
    device is named by `X-Limit-U` and `X-Limit-D`, by `u` and `d` of the query, or by the
    message itself.
    """
    if not message.body.strip():
        return nothing_in_it()
    document = values.document_of(message.body)
    if not isinstance(document, dict | list):
        raise Malformed("The body is a JSON object or an array of them.")
    is_array = isinstance(document, list)
    items = document if isinstance(document, list) else [document]
    require_room(len(items), limits)
    topic = _topic_around(message)
    readings = [
        _reading(item, topic, sender, limits, f"/{at}" if is_array else "")
        for at, item in enumerate(items)
    ]
    return decoded(readings, is_array, sender, limits)


def _topic_around(message: Message) -> dict[str, str]:
    """Who sent it as the address and its headers say, written as the message would."""
    query = forms.fields_of(Message(b"", query=message.query)) if message.query else {}
    user = message.headers.get(USER_HEADER) or query.get("u", "")
    device = message.headers.get(DEVICE_HEADER) or query.get("d", "")
    return {"topic": f"owntracks/{user}/{device}"} if user or device else {}


def _reading(
    item: Any, topic: dict[str, str], sender: Sender, limits: Limits, base: str
) -> Reading:
    if not isinstance(item, dict):
        return Reading(item, values.body_of([item]), base)
    word = _why_no_position(item.get("_type", LOCATION))
    if word is not None:
        return Reading({}, b"", base, word)
    whole = _timed(item | topic, limits)
    return Reading(_translated(whole, sender), values.body_of(whole), base)


def _why_no_position(kind: object) -> str | None:
    if kind == LOCATION:
        return None
    return kind if isinstance(kind, str) and kind in OTHERS else NOT_A_POSITION


def _timed(item: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """With the time of its fix; failing that the message's own, or now."""
    if item.get("tst") is not None:
        return item
    created_at = item.get("created_at")
    return item | {"tst": limits.now.timestamp() if created_at is None else created_at}


def _translated(item: Fields, sender: Sender) -> dict[str, object]:
    return values.without_nothing(
        {
            "vessel": vessel_unless_bound(sender, _names(item)),
            "recorded_at": values.time_in_words(item["tst"]),
            "latitude": values.quantity(item.get("lat")),
            "longitude": values.quantity(item.get("lon")),
            "speed_knots": values.measured(
                item.get("vel"), values.KNOTS_PER_KILOMETRE_PER_HOUR
            ),
            "course_degrees": values.measured(item.get("cog")),
            "altitude_metres": values.altitude(item.get("alt"), item.get("vac")),
            "accuracy_metres": values.accuracy(item.get("acc")),
            "battery_percent": values.measured(item.get("batt")),
            "attributes": _besides(item),
        }
    )


def _names(item: Fields) -> tuple[object, ...]:
    """The most telling first: user and device, the device, the user, its two letters."""
    topic = item.get("topic")
    levels = topic.split("/") if isinstance(topic, str) else []
    *_, user, device = ["", "", *levels]
    both = f"{user}/{device}" if user and device else ""
    return both, device, user, item.get("tid")


def _besides(item: Fields) -> dict[str, object] | None:
    return values.attributes(
        [
            ("battery_state", _word(BATTERY_STATES, item.get("bs"))),
            ("connection", _word(CONNECTIONS, item.get("conn"))),
            ("point_of_interest", item.get("poi")),
            ("pressure_kilopascals", values.number(item.get("p"))),
            ("regions", values.listed(item.get("inregions"))),
            ("trigger", _word(TRIGGERS, item.get("t"))),
        ]
    )


def _word(words: Mapping[Any, str], code: object) -> str | None:
    return words.get(code) if isinstance(code, str | int) else None
