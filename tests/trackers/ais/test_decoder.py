"""AIS from a receiver: whose position it is, when it was, and what is nobody's business."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.ais.decoder import decode
from tests.builders import VESSEL
from tests.trackers import captures
from tests.trackers.ais.air import (
    OTHER_OF_OURS,
    OURS,
    PLACE,
    STRANGER,
    position,
    sentences,
)
from tests.trackers.ais.ears import heard, report
from tests.trackers.captures import LIMITS, NOW, OTHER_VESSEL, fleet_sender, own_sender
from tests.trackers.nmea_lines import block, closed

DAY = timedelta(days=1)


@captures.of("ais")
def test_a_capture_decodes_to_what_stands_beside_it(capture):
    captures.check(capture, decode)


@pytest.mark.parametrize("type_", [1, 2, 3, 9, 18, 19, 27])
def test_every_type_that_says_a_place_is_a_position(type_):
    found = report(position(type_, speed=9, course=90, lat=57.65, lon=11.8))

    assert (found.latitude, found.longitude) == (57.65, 11.8)
    assert (found.speed_knots, found.course_degrees) == (9, 90)
    assert found.heading_degrees == (None if type_ in (9, 27) else 91)
    assert found.recorded_at == NOW


@pytest.mark.parametrize(
    ("members", "unknown"),
    [
        ({"speed": 102.3}, "speed_knots"),
        ({"course": 360.0}, "course_degrees"),
        ({"heading": 511}, "heading_degrees"),
        ({"type_": 18, "speed": 102.3}, "speed_knots"),
        ({"type_": 19, "heading": 511}, "heading_degrees"),
        ({"type_": 27, "speed": 63}, "speed_knots"),
        ({"type_": 27, "course": 511}, "course_degrees"),
        ({"type_": 9, "speed": 1023}, "speed_knots"),
        ({"type_": 9, "course": 360.0}, "course_degrees"),
        ({"type_": 9, "alt": 4095}, "altitude_metres"),
        ({"type_": 1, "status": 11}, "navigation_status"),
    ],
)
def test_what_a_station_does_not_know_is_null_and_not_a_number(members, unknown):
    assert getattr(report(position(**members)), unknown) is None


@pytest.mark.parametrize(
    "members",
    [
        {"lat": 91},
        {"lon": 181},
        {"type_": 9, "lat": 91, "lon": 181},
        {"type_": 18, "lat": 91, "lon": 181},
        {"type_": 27, "lat": 91},
        {"type_": 27, "lon": 181},
    ],
)
def test_a_station_that_does_not_know_where_it_is_has_no_position(members):
    found = heard(position(**members))

    assert found.ignored == {"no_position": 1}
    assert not found.accepted + found.rejected


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"lat": -101.5}, "/0/latitude"),
        ({"lon": 200.2}, "/0/longitude"),
        ({"course": 360.1}, "/0/course_degrees"),
        ({"heading": 400}, "/0/heading_degrees"),
    ],
)
def test_what_no_station_can_mean_is_refused_by_name_and_kept_raw(members, field):
    [one] = heard(position(**members)).rejected

    assert [fault.pointer for fault in one.fields] == [field]
    assert one.vessel_id == VESSEL


def test_the_fastest_speed_that_can_be_said_is_marked_as_that_or_more():
    assert report(position(speed=102.2)).attributes == {"is_speed_or_more": True}
    assert report(position(speed=102.2)).speed_knots == 102.2
    assert report(position(9, speed=800)).attributes == {}


@pytest.mark.parametrize(
    ("turn", "attributes"),
    [
        (0, {}),
        (-128, {}),
        (127, {"turning": "right"}),
        (-127, {"turning": "left"}),
        (20, {"turn_degrees_per_minute": 20.0}),
        (-20, {"turn_degrees_per_minute": -20.0}),
    ],
)
def test_the_rate_of_turn_is_in_degrees_a_minute(turn, attributes):
    assert report(position(turn=turn)).attributes == attributes


@pytest.mark.parametrize(
    ("status", "word"),
    [(0, "under_way_using_engine"), (5, "moored"), (8, "under_way_sailing"), (15, "undefined")],
)
def test_the_navigation_status_is_a_word(status, word):
    assert report(position(status=status)).navigation_status == word
    assert report(position(27, status=status)).navigation_status == word


def test_class_b_has_no_navigation_status():
    assert report(position(18)).navigation_status is None


@pytest.mark.parametrize(
    ("received", "second", "recorded"),
    [
        ("12:30:30", 28, "12:30:28"),
        ("12:30:30", 30, "12:30:30"),
        ("12:30:30", 31, "12:30:31"),
        ("12:30:30", 32, "12:29:32"),
        ("12:30:01", 59, "12:29:59"),
        ("12:29:59", 0, "12:30:00"),
        ("12:30:30", 60, "12:30:30"),
        ("12:30:30", 61, "12:30:30"),
        ("12:30:30", 62, "12:30:30"),
        ("12:30:30", 63, "12:30:30"),
    ],
)
def test_the_second_of_the_sender_corrects_the_time_of_reception(received, second, recorded):
    at = datetime.fromisoformat(f"2026-05-04T{received}+00:00")

    found = report(block(f"c:{int(at.timestamp())}") + position(second=second))

    assert found.recorded_at == datetime.fromisoformat(f"2026-05-04T{recorded}+00:00")


def test_the_time_of_the_tag_block_goes_before_the_time_of_the_request():
    yesterday = int((NOW - DAY).timestamp())

    assert report(block(f"c:{yesterday}") + position()).recorded_at == NOW - DAY
    assert report(block(f"c:{yesterday}000") + position(27)).recorded_at == NOW - DAY
    assert report(position(27)).recorded_at == NOW


def test_a_receiver_on_the_pier_speaks_of_every_vessel_of_the_fleet_and_of_no_other():
    found = heard(*(position(mmsi=mmsi) for mmsi in (OURS, STRANGER, OTHER_OF_OURS, STRANGER)))

    assert [one.report.vessel_id for one in found.accepted] == [VESSEL, OTHER_VESSEL]
    assert [one.index for one in found.accepted] == [0, 1]
    assert found.ignored == {"other_vessel": 2}


def test_a_vessels_own_receiver_speaks_of_that_vessel_only():
    found = heard(position(), position(mmsi=OTHER_OF_OURS), sender=own_sender())

    assert [one.report.vessel_id for one in found.accepted] == [VESSEL]
    assert found.ignored == {"other_vessel": 1}


def test_own_ship_is_the_vessel_of_the_tracker_whatever_number_it_sends():
    own_ship = position(mmsi="0", sentence="VDO")

    assert report(own_ship, sender=own_sender()).vessel_id == VESSEL
    assert heard(own_ship).ignored == {"other_vessel": 1}


@pytest.mark.parametrize(
    ("type_", "word"), [(4, "base_station"), (11, "base_station"), (21, "aid_to_navigation")]
)
def test_what_is_no_ship_is_ignored_by_a_word(type_, word):
    assert heard(*sentences(type_, lat=1, lon=1)).ignored == {word: 1}


def test_other_types_are_not_positions_whoever_sends_them():
    found = heard(*sentences(10, dest_mmsi=1), closed("AIVDM,1,1,,A,w000000,0"))

    assert found.ignored == {"not_a_position": 2}


@pytest.mark.parametrize(
    ("type_", "characters"), [(1, 23), (9, 22), (18, 23), (19, 50), (27, 15), (5, 70)]
)
def test_a_message_that_was_cut_off_is_unreadable_and_never_half_a_position(type_, characters):
    [line] = [closed(b",".join(one)) for one in cut(sentences(type_, **PLACE), characters)]

    assert heard(line).ignored == {"unreadable": 1}


def cut(lines, characters):
    """As one sentence, however long, of so many characters."""
    payload = b"".join(line.split(b",")[5] for line in lines)
    yield [b"AIVDM", b"1", b"1", b"", b"A", payload[:characters], b"0"]


@pytest.mark.parametrize(
    "payload",
    ["1", "100000", "H3u?etaP00000000000000000000", "H42O3qiA8U10Tp0000000000000", "H42O55o"],
)
def test_a_payload_that_is_no_message_is_unreadable_or_a_strangers(payload):
    found = heard(closed(f"AIVDM,1,1,,A,{payload},0"), position())

    assert len(found.accepted) == 1
    assert sum(found.ignored.values()) == 1


def test_a_wrong_checksum_costs_its_own_line_only():
    found = heard(position()[:-2] + b"00", position(), b"", b"# a comment")

    assert len(found.accepted) == 1
    assert found.ignored == {"bad_checksum": 1, "not_a_sentence": 1}


def test_half_a_message_is_counted_as_incomplete():
    first, _ = sentences(5, shipname="NOVA")

    assert heard(first).ignored == {"incomplete": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"hello",
        closed("GPVTG,,T,,M,0,N,0,K", b"$"),
        b"{}",
        b'{"msgs": 1}',
        b"{a}\n{b}",
    ],
)
def test_a_body_without_any_ais_is_malformed(body):
    with pytest.raises(Malformed):
        heard(body)


def test_damaged_lines_alone_are_ais_all_the_same():
    assert heard(position()[:-2] + b"00").ignored == {"bad_checksum": 1}


def test_more_positions_of_ours_than_a_message_may_have_are_refused_and_strangers_are_not():
    limits = replace(LIMITS, reports_max=2)

    assert heard(*[position(mmsi=STRANGER)] * 5, position(), limits=limits).accepted
    with pytest.raises(Invalid, match="at most 2"):
        heard(*[position()] * 3, limits=limits)


def test_static_data_say_what_the_crew_entered_and_nothing_else():
    full = {
        "shipname": "NOVA@@JUNK",
        "callsign": "SABC@@@",
        "imo": 9074729,
        "ship_type": 70,
        "to_bow": 100,
        "to_stern": 20,
        "to_port": 8,
        "to_starboard": 7,
        "draught": 6.5,
        "destination": "GOTHENBURG",
    }

    [said] = heard(*sentences(5, **full)).static

    assert (said.vessel_id, said.recorded_at) == (VESSEL, NOW)
    assert (said.name, said.call_sign, said.imo_number) == ("NOVA", "SABC", "9074729")
    assert (said.ship_type, said.destination) == (70, "GOTHENBURG")
    assert (said.length_metres, said.beam_metres, said.draught_metres) == (120, 15, 6.5)


def test_static_data_that_nobody_entered_are_nothing():
    assert heard(*sentences(5, imo=9074728)).static == ()
    assert heard(*sentences(5, imo=0)).static == ()
    [said] = heard(*sentences(5, imo=9074728, shipname="NOVA", ship_type=0)).static
    assert (said.imo_number, said.ship_type, said.draught_metres) == (None, None, None)
    assert (said.length_metres, said.beam_metres) == (None, None)


def test_both_parts_of_the_static_data_of_class_b_are_kept_and_of_each_the_newest():
    name = [sentences(24, partno=0, shipname=name)[0] for name in ("OLD", "NOVA")]
    [rest] = sentences(24, partno=1, callsign="SABC", ship_type=36, to_bow=5, to_stern=6)

    found = heard(*name, rest).static

    assert [(one.name, one.call_sign) for one in found] == [("NOVA", None), (None, "SABC")]
    assert (found[1].ship_type, found[1].length_metres) == (36, 11)


def test_the_boat_of_a_mother_ship_has_no_dimensions():
    known = {"982655472": VESSEL}.get
    [part_b] = sentences(24, "982655472", partno=1, callsign="SABC", mothership_mmsi=OURS)

    [said] = heard(part_b, sender=replace(fleet_sender(), find_vessel=known)).static

    assert (said.call_sign, said.length_metres) == ("SABC", None)


def test_the_long_message_of_class_b_is_a_position_and_static_data():
    found = heard(position(19, shipname="NOVA", ship_type=36))

    assert len(found.accepted) == 1
    assert [(one.name, one.ship_type) for one in found.static] == [("NOVA", 36)]


def test_static_data_from_long_ago_are_untimely_and_never_from_the_future():
    static = sentences(24, partno=0, shipname="NOVA")[0]
    tomorrow, long_ago = int((NOW + DAY).timestamp()), 1241544035

    assert heard(block(f"c:{tomorrow}") + static).static[0].recorded_at == NOW
    assert heard(block(f"c:{long_ago}") + static).ignored == {"untimely": 1}


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda junk: b'{"msgs":[' + junk))
def test_any_bytes_give_reports_or_a_named_refusal(body):
    with suppress(Malformed, Invalid):
        heard(body)


PAYLOADS = st.binary(min_size=1, max_size=80).map(
    lambda noise: bytes(48 + (code & 63) + (8 if code & 63 > 39 else 0) for code in noise)
)
HEADED = st.tuples(
    st.sampled_from(
        [b"13u?etPv00", b"B3u?etP00", b"I3u?etP00", b"K3u?etP00", b"H3u?etP0", b"53u?et"]
    ),
    PAYLOADS,
).map(b"".join)


@given(st.lists(PAYLOADS | HEADED, max_size=5), st.integers(0, 5), st.sampled_from("MO"))
def test_any_payload_gives_reports_or_is_ignored_and_its_raw_form_gives_it_again(
    payloads, fill_bits, last
):
    lines = [
        closed(b"AIVD%b,1,1,,A,%b,%d" % (last.encode(), one, fill_bits)) for one in payloads
    ]
    sender = own_sender()

    with suppress(Malformed):
        captures.check_raw_forms(heard(*lines, sender=sender), decode, sender)
