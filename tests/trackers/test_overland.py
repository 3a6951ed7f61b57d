"""Overland's batches: each feature by itself, longitude first."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.message import Message
from harbor.trackers.overland import decode
from tests.trackers import captures, senders
from tests.trackers.captures import LIMITS

SAID = ["timestamp", "speed", "course", "altitude", "vertical_accuracy", "battery_level"]
NAMES = ["locations", "current", "geometry", "properties", "coordinates", "action", *SAID]


def feature(longitude=11.5, latitude=57.5, **said):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": {"timestamp": "2026-05-04T12:00:00Z"} | said,
    }


def of(*features, **members):
    body = json.dumps({"locations": features} | members).encode()
    return decode(Message(body), captures.own_sender(), LIMITS)


@captures.of("overland")
def test_a_captured_message_decodes_to_what_stands_beside_it(capture):
    captures.check(capture, decode)


@given(senders.messages(NAMES), senders.SENDERS)
def test_any_message_gives_a_named_refusal_or_reports(message, sender):
    senders.check(message, decode, sender)


@given(
    st.lists(
        st.builds(
            feature,
            senders.SCALARS,
            senders.SCALARS,
            said=st.dictionaries(st.sampled_from(SAID), senders.MEMBERS),
        ),
        max_size=4,
    ),
    senders.SENDERS,
)
def test_any_member_of_a_feature_may_be_anything(features, sender):
    for one in features:
        one["properties"] |= one["properties"].pop("said")
    message = Message(json.dumps({"locations": features}).encode())

    senders.check(message, decode, sender)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_in_range_is_kept_as_it_was_given(latitude, longitude):
    [one] = of(feature(longitude, latitude)).accepted

    assert (one.report.latitude, one.report.longitude) == (latitude, longitude)


def test_an_offset_may_lack_its_colon():
    [one] = of(feature(timestamp="2026-05-04T05:00:00-0700")).accepted

    assert one.report.recorded_at.isoformat() == "2026-05-04T12:00:00+00:00"


def test_the_height_of_a_fix_without_a_vertical_accuracy_is_unknown():
    [with_it, without] = of(
        feature(altitude=0, vertical_accuracy=4), feature(altitude=0, vertical_accuracy=-1)
    ).accepted

    assert with_it.report.altitude_metres == 0
    assert without.report.altitude_metres is None


def test_an_entry_of_the_apps_log_never_shows_an_old_place_as_new():
    assert of(feature(action="visit"), feature(type="trip")).ignored == {"not_a_position": 2}


def test_the_newest_fix_of_a_backlog_is_taken_with_the_oldest_of_it():
    newest = feature(latitude=58, timestamp="2026-05-04T12:29:00Z")

    found = of(feature(), current=newest)

    assert [one.report.latitude for one in found.accepted] == [57.5, 58]


def test_a_full_batch_is_taken_without_the_newest_fix_and_a_longer_one_is_refused():
    full = [feature()] * LIMITS.reports_max

    assert len(of(*full, current=feature(latitude=58)).accepted) == LIMITS.reports_max
    with pytest.raises(Invalid, match="at most 1000"):
        of(*full, feature())


@pytest.mark.parametrize("body", [b"hello", b"17", b"[]", b"{}", b'{"locations":{}}'])
def test_what_is_not_of_the_format_is_refused_by_name(body):
    with pytest.raises(Malformed):
        decode(Message(body), captures.own_sender(), LIMITS)
