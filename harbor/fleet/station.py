"""What kind of station an MMSI belongs to (ITU-R M.585)."""

import re
from enum import StrEnum


class Station(StrEnum):
    """Who sends under a maritime identity."""

    SHIP = "ship"
    SHIP_GROUP = "ship_group"
    COAST_STATION = "coast_station"
    AIRCRAFT = "aircraft"
    HANDHELD_RADIO = "handheld_radio"
    CRAFT_OF_A_SHIP = "craft_of_a_ship"
    AID_TO_NAVIGATION = "aid_to_navigation"
    RESCUE_TRANSMITTER = "rescue_transmitter"
    MAN_OVERBOARD = "man_overboard"
    EMERGENCY_BEACON = "emergency_beacon"

    @property
    def calls_for_help(self) -> bool:
        """It is silent until somebody is in distress."""
        return self in _CALLING


_CALLING = frozenset(
    {Station.RESCUE_TRANSMITTER, Station.MAN_OVERBOARD, Station.EMERGENCY_BEACON}
)
_MMSI = re.compile(r"[0-9]{9}")
# MID, the country, begins with 2 to 7.
_KINDS = {
    "970": Station.RESCUE_TRANSMITTER,
    "972": Station.MAN_OVERBOARD,
    "974": Station.EMERGENCY_BEACON,
    "111": Station.AIRCRAFT,
    "98": Station.CRAFT_OF_A_SHIP,
    "99": Station.AID_TO_NAVIGATION,
    "00": Station.COAST_STATION,
    "0": Station.SHIP_GROUP,
    "8": Station.HANDHELD_RADIO,
    **dict.fromkeys("234567", Station.SHIP),
}


def station_of(mmsi: str) -> Station | None:
    """None for what is no maritime identity. Leading zeros count."""
    if _MMSI.fullmatch(mmsi) is None:
        return None
    return _KINDS.get(mmsi[:3]) or _KINDS.get(mmsi[:2]) or _KINDS.get(mmsi[0])
