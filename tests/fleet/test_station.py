"""Classes of MMSI."""

import pytest

from harbor.fleet.station import Station, station_of


@pytest.mark.parametrize(
    ("mmsi", "kind"),
    [
        ("265123456", Station.SHIP),
        ("765123456", Station.SHIP),
        ("026512345", Station.SHIP_GROUP),
        ("002655000", Station.COAST_STATION),
        ("111265001", Station.AIRCRAFT),
        ("826512345", Station.HANDHELD_RADIO),
        ("982651234", Station.CRAFT_OF_A_SHIP),
        ("992651234", Station.AID_TO_NAVIGATION),
        ("970012345", Station.RESCUE_TRANSMITTER),
        ("972012345", Station.MAN_OVERBOARD),
        ("974012345", Station.EMERGENCY_BEACON),
        ("112265001", None),
        ("971012345", None),
        ("26512345", None),
        ("2651234567", None),
        ("26512345x", None),
    ],
)
def test_an_mmsi_tells_what_kind_of_station_sends(mmsi, kind):
    assert station_of(mmsi) is kind


def test_only_distress_beacons_call_for_help():
    calling = [kind for kind in Station if kind.calls_for_help]

    assert calling == [
        Station.RESCUE_TRANSMITTER,
        Station.MAN_OVERBOARD,
        Station.EMERGENCY_BEACON,
    ]
