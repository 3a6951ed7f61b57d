"""Beacons that call for help."""

from dataclasses import replace

import pytest

from tests.builders import VESSEL
from tests.trackers.ais.air import MAN_OVERBOARD, position, sentences
from tests.trackers.ais.ears import heard
from tests.trackers.captures import NOW, fleet_sender, own_sender
from tests.trackers.nmea_lines import block, closed


@pytest.mark.parametrize(
    ("mmsi", "kind"),
    [("972547250", "man_overboard"), ("970547250", "distress"), ("974547250", "distress")],
)
def test_a_beacon_in_earnest_is_an_alert_whoever_heard_it(mmsi, kind):
    for sender in (fleet_sender(), own_sender()):
        found = heard(position(mmsi=mmsi, status=14), sender=sender)

        [alert] = found.alerts
        assert (alert.kind, alert.recorded_at, alert.vessel_id) == (kind, NOW, None)
        assert (alert.latitude, alert.longitude) == (57.66, 11.8)
        assert mmsi in alert.text
        assert not found.accepted


@pytest.mark.parametrize(
    "line",
    [
        position(mmsi=MAN_OVERBOARD, status=15),
        sentences(14, MAN_OVERBOARD, text="MOB TEST")[0],
    ],
)
def test_a_beacon_under_test_is_no_alert(line):
    found = heard(line)

    assert (found.alerts, found.ignored) == ((), {"distress_test": 1})


def test_a_beacon_is_one_alert_however_often_it_is_heard_with_its_newest_place():
    active = sentences(14, MAN_OVERBOARD, text="MOB ACTIVE")[0]
    here, there = (position(mmsi=MAN_OVERBOARD, status=14, lat=lat) for lat in (57.1, 57.2))
    nowhere = position(mmsi=MAN_OVERBOARD, status=14, lat=91, lon=181)

    assert [one.latitude for one in heard(active, nowhere).alerts] == [None]
    assert [one.latitude for one in heard(active, here, there, active).alerts] == [57.2]


def test_a_beacon_at_an_impossible_place_is_still_an_alert():
    [alert] = heard(position(mmsi=MAN_OVERBOARD, status=14, lat=-101.5)).alerts

    assert (alert.latitude, alert.longitude) == (None, None)


def test_the_beacon_of_a_vessel_of_ours_names_it():
    known = {MAN_OVERBOARD: VESSEL}.get

    [alert] = heard(
        position(mmsi=MAN_OVERBOARD, status=14),
        sender=replace(fleet_sender(), find_vessel=known),
    ).alerts

    assert alert.vessel_id == VESSEL


def test_what_else_a_beacon_sends_is_ignored():
    long_ago = block("c:1241544035") + position(mmsi=MAN_OVERBOARD, status=14)
    payload = position(mmsi=MAN_OVERBOARD, status=14).split(b",")[5]
    broken = closed(b"AIVDM,1,1,,A,%b,0" % payload[:23])

    assert heard(position(18, mmsi=MAN_OVERBOARD)).ignored == {"not_a_position": 1}
    assert heard(long_ago).ignored == {"untimely": 1}
    assert heard(broken).ignored == {"unreadable": 1}
