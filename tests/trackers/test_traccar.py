"""What a Traccar server forwards, as JSON and by an address."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Malformed
from harbor.trackers.message import Message
from harbor.trackers.sentence import checksum
from harbor.trackers.traccar import decode
from tests.builders import VESSEL
from tests.trackers import captures, senders
from tests.trackers.captures import LIMITS, OTHER_VESSEL

POSITION = {
    "deviceId": 4,
    "fixTime": "2026-05-04T12:00:00.000+00:00",
    "deviceTime": "2026-05-04T12:00:00.000+00:00",
    "valid": True,
    "latitude": 57.5,
    "longitude": 11.5,
    "altitude": 0.0,
    "speed": 0.0,
    "course": 0.0,
    "accuracy": 0.0,
    "attributes": {},
}
DEVICE = {"id": 4, "uniqueId": "nova-phone", "name": "Nova"}
NAMES = ["position", "device", "event", "eventTime", "alarm", "hours", *POSITION, *DEVICE]
RMC = "GPRMC,120000.250,A,5740.9260,N,01148.0780,E,9.72,271.00,040526,,"


def of(sender=None, device=None, event=None, **changes):
    document = {"position": POSITION | changes, "device": DEVICE | (device or {})}
    if event:
        document["event"] = event
    body = json.dumps(document).encode()
    return decode(Message(body), sender or captures.fleet_sender(), LIMITS)


def with_checksum(line):
    return f"${line}*{checksum(line.encode()):02X}"


def of_address(sender=None, **fields):
    query = urlencode({"uniqueId": "nova-phone", "latitude": 57.5, "longitude": 11.5} | fields)
    return decode(Message(b"", query=query), sender or captures.fleet_sender(), LIMITS)


@captures.of("traccar")
def test_a_captured_message_decodes_to_what_stands_beside_it(capture):
    captures.check(capture, decode)


@given(senders.messages(NAMES), senders.SENDERS)
def test_any_message_gives_a_named_refusal_or_reports(message, sender):
    senders.check(message, decode, sender)


@given(st.dictionaries(st.sampled_from([*POSITION]), senders.MEMBERS), senders.SENDERS)
def test_any_member_of_a_position_may_be_anything(changes, sender):
    document = {"position": POSITION | changes, "device": DEVICE}

    senders.check(Message(json.dumps(document).encode()), decode, sender)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_in_range_is_kept_as_it_was_given(latitude, longitude):
    for found in (
        of(latitude=latitude, longitude=longitude),
        of_address(latitude=latitude, longitude=longitude),
    ):
        [one] = found.accepted
        assert (one.report.latitude, one.report.longitude) == (latitude, longitude)


@given(st.lists(st.tuples(st.integers(0, len(RMC)), st.text(max_size=3))), senders.SENDERS)
def test_any_sentence_gives_a_named_refusal_or_a_report(changes, sender):
    line = RMC
    for at, text in changes:
        line = line[:at] + text + line[at + len(text) :]
    query = urlencode({"dev": "nova-phone", "gprmc": with_checksum(line)})

    senders.check(Message(b"", query=query), decode, sender)


def test_a_sentence_without_a_time_means_now_and_still_when_it_is_read_again():
    line = with_checksum(RMC.replace("120000.250", "").replace("040526", ""))
    message = Message(b"", query=urlencode({"dev": "nova-phone", "gprmc": line}))

    found = decode(message, captures.fleet_sender(), LIMITS)

    assert found.accepted[0].report.recorded_at == LIMITS.now
    captures.check_raw_forms(found, decode, captures.fleet_sender())


def test_a_sentence_is_read_with_its_hemispheres():
    line = with_checksum(RMC.replace("N", "S").replace("E", "W"))

    [one] = decode(
        Message(b"", query=urlencode({"dev": "nova-phone", "gprmc": line})),
        captures.fleet_sender(),
        LIMITS,
    ).accepted

    assert (one.report.latitude, one.report.longitude) == (-57.6821, -11.8013)


def test_a_zero_accuracy_is_traccars_word_for_unknown():
    [one] = of().accepted

    assert one.report.accuracy_metres is None
    assert one.report.speed_knots == 0


def test_a_last_place_that_is_sent_again_keeps_the_time_of_its_fix():
    [first] = of().accepted
    [again] = of(deviceTime="2026-05-04T12:10:00.000+00:00", id=2).accepted

    assert again.report == first.report


def test_a_device_is_known_by_its_identifier_before_its_name():
    [one] = of(device={"uniqueId": "265123456", "name": "nova-phone"}).accepted
    [by_name] = of(device={"uniqueId": "8612345", "name": "nova-phone"}).accepted

    assert one.report.vessel_id == OTHER_VESSEL
    assert by_name.report.vessel_id == VESSEL


def test_a_vessels_own_tracker_takes_no_other_vessels_device():
    own = captures.own_sender()
    sos = {"attributes": {"alarm": "sos"}}

    other = of(own, device={"uniqueId": "265123456"}, event=sos)

    assert other.rejected[0].fields[0].code == "unknown_vessel"
    assert other.alerts == ()


def test_a_vessels_own_tracker_takes_a_device_under_any_name():
    [one] = of(captures.own_sender(), device={"uniqueId": "8612345", "name": "GPS"}).accepted

    assert one.report.vessel_id == VESSEL


def test_a_call_for_help_in_position_and_event_is_one_alert():
    sos = {"alarm": "sos"}
    event = {"type": "alarm", "eventTime": POSITION["deviceTime"], "attributes": sos}

    forwarded, as_event = of(attributes=sos), of(attributes=sos, event=event)

    assert forwarded.alerts == as_event.alerts
    assert len(as_event.alerts) == 1


def test_a_call_for_help_without_a_fix_is_of_now_and_not_at_the_place_of_an_hour_ago():
    sos, called_at = {"alarm": "sos"}, "2026-05-04T12:20:00.000+00:00"

    [in_time] = of(attributes=sos, fixTime="2026-05-04T12:19:00Z", deviceTime=called_at).alerts
    [later] = of(attributes=sos, deviceTime=called_at).alerts
    [not_valid] = of(attributes=sos, valid=False).alerts

    assert later.recorded_at == in_time.recorded_at == datetime(2026, 5, 4, 12, 20, tzinfo=UTC)
    assert (in_time.latitude, later.latitude, not_valid.latitude) == (57.5, None, None)


def test_an_address_without_a_time_means_now():
    [one] = of_address().accepted

    assert one.report.recorded_at == LIMITS.now


def test_attributes_that_were_cut_on_the_way_cost_only_themselves():
    [one] = of_address(attributes='{"sat": 11, "hd', hdop="0.8").accepted

    assert one.report.attributes == {"hdop": 0.8}


@pytest.mark.parametrize(
    "body", [b"hello", b"a=b", b"{}", b"[]", b'{"device":{}}', b'{"position":17}', b"{"]
)
def test_what_is_not_of_the_format_is_refused_by_name(body):
    with pytest.raises(Malformed):
        decode(Message(body), captures.own_sender(), LIMITS)
