"""Calls for help: AIS beacons of people overboard, rescue transmitters and sinking ships."""

from datetime import datetime
from uuid import UUID

from harbor.fleet.station import Station
from harbor.trackers.ais.targets import SAFETY_TEXT, Said, place_of, text_of
from harbor.trackers.message import Alert

POSITION_A = 1
ACTIVE = 14
"""The navigation status of a beacon that is on in earnest; under test it has another."""
_KINDS = {
    Station.MAN_OVERBOARD: ("man_overboard", "Man overboard: AIS beacon {mmsi} is on"),
    Station.RESCUE_TRANSMITTER: ("distress", "Distress: AIS rescue transmitter {mmsi} is on"),
    Station.EMERGENCY_BEACON: ("distress", "Distress: AIS emergency beacon {mmsi} is on"),
}


def is_in_earnest(said: Said) -> bool:
    """Beacons are tested every month: then they say so."""
    if said.msg_type == SAFETY_TEXT:
        return "TEST" not in (text_of(said, "text") or "").upper()
    return bool(said.status == ACTIVE)


def alert_of(
    station: Station, mmsi: str, said: Said, at: datetime, vessel_id: UUID | None
) -> Alert:
    """`vessel_id` when the operator says whose beacon it is."""
    kind, text = _KINDS[station]
    place = place_of(said) if said.msg_type == POSITION_A else None
    latitude, longitude = (place["latitude"], place["longitude"]) if place else (None, None)
    is_on_earth = _is_within(latitude, 90) and _is_within(longitude, 180)
    return Alert(
        kind=kind,
        recorded_at=at,
        text=text.format(mmsi=mmsi),
        vessel_id=vessel_id,
        latitude=latitude if is_on_earth else None,
        longitude=longitude if is_on_earth else None,
    )


def _is_within(degrees: object, most: int) -> bool:
    return isinstance(degrees, int | float) and abs(degrees) <= most
