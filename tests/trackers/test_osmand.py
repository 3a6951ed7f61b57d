"""Traccar Client and OsmAnd: flat parameters in knots, or nested JSON in metres per second."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.contract import EARLIEST
from harbor.trackers.message import Message
from harbor.trackers.osmand import KNOWN, decode
from tests.trackers import captures, senders

LIMITS = captures.LIMITS
NAMES = [*KNOWN, "valid", "speed", "bearing", "altitude", "accuracy", "hdop", "charge", "fuel"]
INNER = ["coords", "latitude", "longitude", "heading", "battery", "level", "activity", "extras"]


def of_query(**fields):
    query = urlencode({"id": "1", "timestamp": "1777895970"} | fields)
    return decode(Message(b"", query=query), captures.own_sender(), LIMITS)


def codes(found) -> list[str]:
    return [fault.code for one in found.rejected for fault in one.fields]


@captures.of("osmand")
def test_a_captured_message_decodes_to_what_stands_beside_it(capture):
    captures.check(capture, decode)


@given(senders.messages([*NAMES, *INNER]), senders.SENDERS)
def test_any_message_gives_a_named_refusal_or_reports(message, sender):
    senders.check(message, decode, sender)


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.integers(0, 6 * 365 * 86_400).map(lambda s: EARLIEST + timedelta(seconds=s)),
)
def test_every_place_and_time_in_range_is_kept_as_it_was_given(latitude, longitude, at):
    found = of_query(lat=latitude, lon=longitude, timestamp=int(at.timestamp()))

    [one] = found.accepted
    assert (one.report.latitude, one.report.longitude) == (latitude, longitude)
    assert one.report.recorded_at == at


@pytest.mark.parametrize(
    "timestamp",
    ["1777895970", "1777895970000", "2026-05-04T11:59:30Z", "2026-05-04 11:59:30"],
)
def test_a_time_may_be_seconds_milliseconds_or_words(timestamp):
    [one] = of_query(lat=57, lon=11, timestamp=timestamp).accepted

    assert one.report.recorded_at == datetime(2026, 5, 4, 11, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize("timestamp", ["yesterday", "99999999999999999999", "-1"])
def test_a_time_that_cannot_be_meant_is_named(timestamp):
    [code] = codes(of_query(lat=57, lon=11, timestamp=timestamp))

    assert code.startswith("timestamp")


def test_what_is_out_of_range_or_no_number_is_named_and_not_dropped():
    assert codes(of_query(lat=97, lon=11)) == ["less_than_equal"]
    assert codes(of_query(lat=57)) == ["missing"]
    assert codes(of_query(lat="north", lon=11)) == ["float_type"]
    assert codes(of_query(lat=57, lon=11, speed="fast")) == ["float_type"]


@pytest.mark.parametrize(
    ("valid", "is_kept"),
    [("true", True), ("1", True), ("TRUE", True), ("false", False), ("0", False), ("A", False)],
)
def test_a_place_that_the_device_calls_invalid_is_no_position(valid, is_kept):
    found = of_query(lat=57, lon=11, valid=valid)

    assert bool(found.accepted) is is_kept
    assert found.ignored == ({} if is_kept else {"no_fix": 1})


def test_the_form_wins_over_the_query_and_both_are_read():
    message = Message(b"lat=58&timestamp=1777895970", query="id=1&lat=57&lon=11")

    [one] = decode(message, captures.own_sender(), LIMITS).accepted

    assert (one.report.latitude, one.report.longitude) == (58, 11)


def test_a_fleets_own_tracker_needs_a_name():
    found = decode(Message(b"lat=57&lon=11"), captures.fleet_sender(), LIMITS)

    assert codes(found) == ["missing"]


def test_a_call_for_help_is_heard_even_when_its_place_or_time_is_broken():
    found = of_query(lat=97, lon=11, alarm="lowBattery, SOS", timestamp="4000000000")

    [alert] = found.alerts
    assert (alert.kind, alert.latitude, alert.recorded_at) == ("sos", None, LIMITS.now)
    assert found.rejected


def test_other_alarms_are_kept_with_the_position_and_call_nobody():
    found = of_query(lat=57, lon=11, alarm="lowBattery")

    assert found.alerts == ()
    assert found.accepted[0].report.attributes == {"alarm": "lowBattery"}


def test_another_apps_message_is_named_and_not_taken_for_a_heartbeat():
    for body in (b'{"locations":[]}', b'[{"position":{}}]', b'{"location":{}}'):
        found = decode(Message(body), captures.own_sender(), LIMITS)

        assert codes(found) == ["missing", "missing"]


def test_a_library_that_sends_many_locations_at_once_is_refused_by_name():
    body = json.dumps({"device_id": "1", "location": [{"latitude": 57}]}).encode()

    found = decode(Message(body), captures.own_sender(), LIMITS)

    assert [one.fields[0].pointer for one in found.rejected] == ["/location"]


def test_an_array_has_no_more_reports_than_the_settings_allow():
    body = json.dumps([{"id": "1"}] * (LIMITS.reports_max + 1)).encode()

    with pytest.raises(Invalid, match="at most 1000"):
        decode(Message(body), captures.own_sender(), LIMITS)


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"a=b",
        b"{",
        b'{"lat": NaN}',
        b"&".join(b"lat=1" for _ in range(101)),
        b"&".join(b"n%d=1" % n for n in range(100)),
        b'{"lat":57,"x":' + b"[" * 300 + b"]" * 300 + b"}",
    ],
    ids=["words", "no name", "cut", "NaN", "repeats", "fields", "depth"],
)
def test_what_is_not_of_the_format_is_refused_by_name(body):
    with pytest.raises(Malformed):
        decode(Message(body), captures.own_sender(), LIMITS)
