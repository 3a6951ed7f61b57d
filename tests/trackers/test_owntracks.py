"""OwnTracks in HTTP mode: who, when, and what is not said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.message import Message
from harbor.trackers.owntracks import OTHERS, decode
from tests.builders import VESSEL
from tests.trackers import captures, senders
from tests.trackers.captures import LIMITS, OTHER_VESSEL

FIX = {"_type": "location", "lat": 57.5, "lon": 11.5, "tst": 1777895970}
NAMES = [
    *FIX,
    "acc",
    "alt",
    "vac",
    "vel",
    "cog",
    "batt",
    "bs",
    "t",
    "conn",
    "inregions",
    "topic",
]


def of(sender=None, query="", headers=None, **changes):
    body = json.dumps(FIX | changes).encode()
    message = Message(body, query=query, headers=headers or {})
    return decode(message, sender or captures.own_sender(), LIMITS)


def vessel_of(found):
    return found.accepted[0].report.vessel_id


@captures.of("owntracks")
def test_a_captured_message_decodes_to_what_stands_beside_it(capture):
    captures.check(capture, decode)


@given(senders.messages(NAMES), senders.SENDERS)
def test_any_message_gives_a_named_refusal_or_reports(message, sender):
    senders.check(message, decode, sender)


@given(st.dictionaries(st.sampled_from(NAMES), senders.MEMBERS), senders.SENDERS)
def test_any_member_may_be_anything(changes, sender):
    message = Message(json.dumps(FIX | changes).encode())

    senders.check(message, decode, sender)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_in_range_is_kept_as_it_was_given(latitude, longitude):
    [one] = of(lat=latitude, lon=longitude).accepted

    assert (one.report.latitude, one.report.longitude) == (latitude, longitude)


def test_a_speed_that_was_left_out_is_unknown_and_a_zero_is_a_standstill():
    assert of().accepted[0].report.speed_knots is None
    assert of(vel=0).accepted[0].report.speed_knots == 0


def test_a_vessels_own_tracker_is_aboard_whatever_its_phone_calls_itself():
    found = of(topic="owntracks/crew/265123456", tid="265123456")

    assert vessel_of(found) == VESSEL


def test_of_a_fleets_tracker_headers_count_before_the_query_and_that_before_the_topic():
    fleet = captures.fleet_sender()
    topic = "owntracks/crew/265123456"
    headers = {"x-limit-u": "crew", "x-limit-d": "nova-phone"}

    assert vessel_of(of(fleet, topic=topic)) == OTHER_VESSEL
    assert vessel_of(of(fleet, query="u=crew&d=nova-phone", topic=topic)) == VESSEL
    assert vessel_of(of(fleet, query="u=a&d=b", headers=headers, topic=topic)) == VESSEL


def test_the_user_names_the_vessel_when_the_device_is_not_known():
    found = of(captures.fleet_sender(), topic="owntracks/265123456/iphone")

    assert vessel_of(found) == OTHER_VESSEL


@pytest.mark.parametrize("kind", sorted(OTHERS))
def test_other_messages_are_counted_by_their_type_and_answered(kind):
    found = decode(Message(json.dumps({"_type": kind}).encode()), captures.own_sender(), LIMITS)

    assert found.ignored == {kind: 1}
    assert (found.accepted, found.rejected) == ((), ())


def test_a_type_that_nobody_knows_is_counted_under_a_word_of_ours():
    assert of(_type="x" * 1000).ignored == {"not_a_position": 1}
    assert of(_type=["location"]).ignored == {"not_a_position": 1}


def test_an_array_has_no_more_reports_than_the_settings_allow():
    body = json.dumps([FIX] * (LIMITS.reports_max + 1)).encode()

    with pytest.raises(Invalid, match="at most 1000"):
        decode(Message(body), captures.own_sender(), LIMITS)


@pytest.mark.parametrize("body", [b"hello", b"17", b"null", b'"text"', b"{"])
def test_what_is_not_of_the_format_is_refused_by_name(body):
    with pytest.raises(Malformed):
        decode(Message(body), captures.own_sender(), LIMITS)
