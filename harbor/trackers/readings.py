"""What the apps say one by one, before it is held against the contract."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from harbor.errors import Invalid
from harbor.trackers import values
from harbor.trackers.contract import Draft, judge_all, read_moment
from harbor.trackers.message import Alert, Decoded, Limits, Sender

SOS = "sos"
NO_FIX = "no_fix"
EMPTY = "empty"
HEARTBEAT = "heartbeat"
NOT_A_POSITION = "not_a_position"
NAME_LENGTH_MAX = 64
FIX_AGE_MAX = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that was said: `item` in the members of `Report`, and what it is not.

    `ignored` is the word for why it is no position. `raw` and `base` are those of `Draft`.
    `called_at`: when help was called for, where that is not the time of the fix.
    """

    item: Any
    raw: bytes
    base: str = ""
    ignored: str | None = None
    is_sos: bool = False
    called_at: object = None


def nothing_in_it() -> Decoded:
    """A message without a byte: apps send such, and a browser that tries the address."""
    return Decoded(False, (), (), {EMPTY: 1})


def require_room(count: int, limits: Limits) -> None:
    """Raise Invalid for a message of more readings than the settings allow."""
    if count > limits.reports_max:
        raise Invalid(f"A message has at most {limits.reports_max} reports, not {count}.")


def decoded(
    readings: Sequence[Reading], is_array: bool, sender: Sender, limits: Limits
) -> Decoded:
    """The positions judged, the rest counted, and every call for help."""
    drafts = (
        Draft(at, one.item, one.raw, one.base)
        for at, one in enumerate(readings)
        if one.ignored is None
    )
    accepted, rejected = judge_all(drafts, sender, limits)
    return Decoded(
        is_array,
        accepted,
        rejected,
        Counter(one.ignored for one in readings if one.ignored is not None),
        alerts=tuple(_alerts(readings, sender, limits)),
    )


def is_call_for_help(alarm: object) -> bool:
    """Traccar and its apps list alarms with commas; of them only one is a call for help."""
    return isinstance(alarm, str) and SOS in alarm.lower().replace(" ", "").split(",")


def _alerts(readings: Sequence[Reading], sender: Sender, limits: Limits) -> Iterator[Alert]:
    """Whatever else is wrong with a message: somebody asked for help."""
    for one in readings:
        alert = _alert(one, sender, limits) if one.is_sos else None
        if alert is not None:
            yield alert


def _alert(one: Reading, sender: Sender, limits: Limits) -> Alert | None:
    """None for another vessel than the tracker's own."""
    name = one.item.get("vessel")
    vessel_id = sender.vessel_id if name is None else sender.find_vessel(name)
    if sender.vessel_id not in (None, vessel_id):
        return None
    latitude, longitude = _place(one, limits)
    return Alert(
        kind=SOS,
        recorded_at=_called_at(one, limits),
        text="SOS" if vessel_id or not name else f"SOS from {name[:NAME_LENGTH_MAX]}",
        vessel_id=vessel_id,
        latitude=latitude,
        longitude=longitude,
    )


def _called_at(one: Reading, limits: Limits) -> datetime:
    given = one.item.get("recorded_at") if one.called_at is None else one.called_at
    return _moment(given, limits)


def _moment(given: object, limits: Limits) -> datetime:
    """Now, where it can't be read or lies ahead of us."""
    try:
        moment = read_moment(given)
    except PydanticCustomError:
        return limits.now
    return min(moment, limits.now)


def _place(one: Reading, limits: Limits) -> tuple[float | None, float | None]:
    """Of a fix as old as the call: help must not look where the vessel was before."""
    latitude = values.number(one.item.get("latitude"))
    longitude = values.number(one.item.get("longitude"))
    if one.ignored or latitude is None or longitude is None:
        return None, None
    age = _called_at(one, limits) - _moment(one.item.get("recorded_at"), limits)
    if abs(latitude) > 90 or abs(longitude) > 180 or age > FIX_AGE_MAX:
        return None, None
    return latitude, longitude
