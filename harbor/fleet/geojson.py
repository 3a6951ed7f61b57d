"""Vessels as GeoJSON (RFC 7946): the one shape that the API and the feed share.

The only Python module that turns coordinates round: longitude first, as the RFC says.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from harbor.fleet.alert import RaisedAlert
from harbor.fleet.berth import Berth
from harbor.fleet.report import PositionReport
from harbor.fleet.status import Patience, age_seconds, state_of
from harbor.fleet.vessel import Particulars

MEDIA_TYPE = "application/geo+json"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRESHNESS = b',"age_seconds":'
_CHANGE = b',"change":"'
_STATE = b',"state":"'
"""None of them can stand inside a name: there a quotation mark has a backslash before it."""


def microseconds(moment: datetime) -> int:
    """Since 1970-01-01 UTC, exact."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(at_microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_microseconds)


def in_words(moment: datetime) -> str:
    """RFC 3339 in UTC, as the features have it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def feature(
    report: PositionReport,
    received_at: datetime,
    vessel: Particulars,
    now: datetime,
    patience: Patience,
) -> bytes:
    """One vessel at one position. What changes with time stands last, see `refreshed`."""
    age_s = age_seconds(report.recorded_at, now)
    return orjson.dumps(
        {
            "type": "Feature",
            "id": report.vessel_id,
            "geometry": {"type": "Point", "coordinates": [report.longitude, report.latitude]},
            "properties": {
                **_identity(vessel),
                "recorded_at": report.recorded_at,
                "received_at": received_at,
                "speed_knots": report.speed_knots,
                "course_degrees": report.course_degrees,
                "heading_degrees": report.heading_degrees,
                "accuracy_metres": report.accuracy_metres,
                "altitude_metres": report.altitude_metres,
                "navigation_status": report.navigation_status,
                "battery_percent": report.battery_percent,
                "source": report.source,
                "age_seconds": age_s,
                "state": state_of(age_s, patience),
            },
        },
        option=orjson.OPT_UTC_Z,
    )


def silent_feature(vessel: Particulars) -> bytes:
    """A vessel that never reported: no geometry (RFC 7946 section 3.2), state `silent`."""
    nothing = (
        "recorded_at",
        "received_at",
        "speed_knots",
        "course_degrees",
        "heading_degrees",
        "accuracy_metres",
        "altitude_metres",
        "navigation_status",
        "battery_percent",
        "source",
        "age_seconds",
    )
    return orjson.dumps(
        {
            "type": "Feature",
            "id": vessel.id,
            "geometry": None,
            "properties": {
                **_identity(vessel),
                **dict.fromkeys(nothing),
                "state": state_of(None, Patience(0, 0)),
            },
        }
    )


def track_point(report: PositionReport, received_at: datetime) -> bytes:
    """One fix of a track; whose it is stands once, in the collection's `vessel`."""
    return orjson.dumps(
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [report.longitude, report.latitude]},
            "properties": {
                "recorded_at": report.recorded_at,
                "received_at": received_at,
                "tracker_id": report.tracker_id,
                "speed_knots": report.speed_knots,
                "course_degrees": report.course_degrees,
                "heading_degrees": report.heading_degrees,
                "accuracy_metres": report.accuracy_metres,
                "altitude_metres": report.altitude_metres,
                "navigation_status": report.navigation_status,
                "battery_percent": report.battery_percent,
                "source": report.source,
            },
        },
        option=orjson.OPT_UTC_Z,
    )


def track_members(vessel: Particulars, start_at: datetime, end_at: datetime) -> bytes:
    """For `collection`: whose track it is, and from when to when (RFC 7946 section 6.1)."""
    members = {"vessel": {"id": vessel.id, **_identity(vessel)}, "from": start_at, "to": end_at}
    return orjson.dumps(members, option=orjson.OPT_UTC_Z)[1:-1] + b","


def berth(berth_id: UUID, place: Berth) -> bytes:
    """A berth at its middle."""
    return orjson.dumps(
        {
            "type": "Feature",
            "id": berth_id,
            "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
            "properties": {"name": place.name, "radius_metres": place.radius_metres},
        }
    )


def alert(raised: RaisedAlert, vessel: Particulars | None) -> bytes:
    """An alert where it was raised, if that is known; with the vessel it is about, if any."""
    told = raised.alert
    place = None
    if told.latitude is not None and told.longitude is not None:
        place = {"type": "Point", "coordinates": [told.longitude, told.latitude]}
    whose = dict.fromkeys(_IDENTITY) if vessel is None else _identity(vessel)
    return orjson.dumps(
        {
            "type": "Feature",
            "id": raised.id,
            "geometry": place,
            "properties": {
                "kind": told.kind,
                "is_over": told.is_over,
                "text": told.text,
                "vessel_id": vessel and vessel.id,
                **whose,
                "recorded_at": told.recorded_at,
                "received_at": told.received_at,
            },
        },
        option=orjson.OPT_UTC_Z,
    )


def alerts(raised: Iterable[RaisedAlert], known: Mapping[UUID, Particulars]) -> bytes:
    """A FeatureCollection of alerts; `known` are the vessels that they are about."""
    return collection(
        alert(one, known.get(one.alert.vessel_id) if one.alert.vessel_id else None)
        for one in raised
    )


def changed(old: bytes, change: str) -> bytes:
    """The same feature, saying that its vessel was `added`, `renamed` or `removed`."""
    before, after = old[: old.rindex(_FRESHNESS)], old[old.rindex(_FRESHNESS) :]
    return b'%b%b%b"%b' % (before, _CHANGE, change.encode(), after)


def outside(old: bytes) -> bytes:
    """The same feature, its state saying that the vessel has left the reader's box."""
    return old[: old.rindex(_STATE)] + _STATE + b'outside"}}'


def refreshed(
    old: bytes, recorded_microseconds: int, now: datetime, patience: Patience
) -> bytes:
    """The same feature with its age and state as of `now`."""
    age_s = age_seconds(moment_of(recorded_microseconds), now)
    unchanging = old[: old.rindex(_FRESHNESS)].partition(_CHANGE)[0]
    return b'%b%b%d,"state":"%b"}}' % (
        unchanging,
        _FRESHNESS,
        age_s,
        state_of(age_s, patience).encode(),
    )


def collection(features: Iterable[bytes], members: bytes = b"") -> bytes:
    """A FeatureCollection; `members` are more JSON members, as in b'"feed_id":"…",'."""
    return b'{"type":"FeatureCollection",%b"features":[%b]}' % (members, b",".join(features))


_IDENTITY = ("name", "imo_number", "mmsi", "call_sign")


def _identity(vessel: Particulars) -> dict[str, object]:
    return {
        "name": vessel.name,
        "imo_number": vessel.imo_number,
        "mmsi": vessel.mmsi,
        "call_sign": vessel.call_sign,
    }
