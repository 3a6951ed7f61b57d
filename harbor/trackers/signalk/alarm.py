"""Notifications: a man overboard is an alert; the boat's other alarms are its own business."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from harbor.trackers.message import Alert
from harbor.trackers.signalk import paths
from harbor.trackers.signalk.delta import Observation
from harbor.trackers.values import number

CALM = ("normal", "nominal")
NOTIFICATIONS = "notifications."
TEXT_MAX = 256


def is_man_overboard(path: str) -> bool:
    """`notifications.mob`, or one of several: `notifications.mob.<id>`."""
    return path == paths.MAN_OVERBOARD or path.startswith(paths.MAN_OVERBOARD + ".")


def alerts(
    observations: Iterable[Observation],
    vessel_id: UUID | None,
    now: datetime,
    ignored: Counter[str],
) -> Iterator[Alert]:
    """Each man overboard, raised or called off; null calls it off too."""
    place: tuple[float, float] | None = None
    for one in observations:
        if one.path == paths.POSITION:
            place = _place(one.value) or place
        elif is_man_overboard(one.path):
            yield _alert(one, vessel_id, now, place)
        elif one.path.startswith(NOTIFICATIONS):
            ignored["notification"] += 1


def _alert(
    one: Observation, vessel_id: UUID | None, now: datetime, last: tuple[float, float] | None
) -> Alert:
    value = one.value if isinstance(one.value, dict) else {}
    place = _place(value.get("position")) or last
    message = value.get("message")
    return Alert(
        kind="man_overboard",
        recorded_at=one.moment or now,
        text=_text(message) or "Man overboard",
        vessel_id=vessel_id,
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        is_over=one.value is None or value.get("state") in CALM,
    )


def _text(message: Any) -> str:
    if not isinstance(message, str):
        return ""
    return "".join(sign for sign in message[:TEXT_MAX] if sign.isprintable()).strip()


def _place(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, dict):
        return None
    latitude, longitude = number(value.get("latitude")), number(value.get("longitude"))
    if latitude is None or longitude is None:
        return None
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if is_on_earth else None
