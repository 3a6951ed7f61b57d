"""docs/trackers: what the pages tell a reader to try is a message of its format."""

import pytest

from harbor.trackers.message import Message, Sender
from harbor.trackers.registry import DECODERS
from tests.builders import FLEET, TRACKER, VESSEL
from tests.trackers import instructions
from tests.trackers.captures import LIMITS, NOW

DEVICE = {"356307042441013": VESSEL, "265123456": VESSEL, str(VESSEL): VESSEL}
PAGES = (
    *("traccar-client", "osmand", "owntracks", "overland", "traccar-server"),
    *("ais-receiver", "ais-catcher", "nmea-logger", "signalk"),
)


def decoded(format_name, body, query):
    sender = Sender(FLEET, TRACKER, VESSEL, DEVICE.get)
    return DECODERS[format_name](Message(body.encode(), query=query), sender, LIMITS)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_to_try_is_a_whole_position(page):
    tried = list(instructions.requests_on(page, NOW, "token"))

    assert tried
    for one in tried:
        [found] = decoded(one.format_name, one.body, one.query).accepted
        assert found.report.recorded_at == NOW
        assert found.report.speed_knots is not None


def test_every_place_that_the_page_gives_to_osmand_is_read():
    query = instructions.read("osmand").split("osmand/TOKEN?")[1].split()[0]
    told = [57.6821, 11.8013, int(NOW.timestamp() * 1000), 4.5, 12.0, 5.0, 271.0]
    for at, value in enumerate(told):
        query = query.replace(f"{{{at}}}", str(value))

    [one] = decoded("osmand", "", query).accepted

    said = one.report
    assert (said.latitude, said.longitude, said.recorded_at) == (57.6821, 11.8013, NOW)
    assert (said.accuracy_metres, said.altitude_metres) == (4.5, 12.0)
    assert (said.speed_knots, said.course_degrees) == (9.719, 271.0)


def test_every_place_that_the_page_gives_to_a_traccar_server_is_read():
    query = instructions.read("traccar-server").split("traccar/TOKEN?")[1].split()[0]
    told = {
        "uniqueId": "356307042441013",
        "name": "Nova+Star",
        "fixTime": int(NOW.timestamp() * 1000),
        "valid": "true",
        "latitude": 57.6821,
        "longitude": 11.8013,
        "altitude": 6.0,
        "speed": 9.7,
        "course": 271.0,
        "accuracy": 4.5,
        "attributes": "%7B%22sat%22%3A11%2C%22batteryLevel%22%3A93%7D",
    }
    for name, value in told.items():
        query = query.replace(f"{{{name}}}", str(value))

    [one] = decoded("traccar", "", query).accepted

    assert "{" not in query
    assert one.report.recorded_at == NOW
    assert (one.report.accuracy_metres, one.report.battery_percent) == (4.5, 93)
    assert one.report.attributes == {"satellites": 11}
