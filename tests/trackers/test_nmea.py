"""NMEA 0183 of one receiver: sentences that belong together, and when they were."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.message import Message
from harbor.trackers.nmea import decode
from tests.trackers import captures
from tests.trackers.captures import LIMITS, NOW, fleet_sender, own_sender
from tests.trackers.nmea_lines import block, closed

PLACE = "5739.6000,N,01148.0000,E"
RMC = f"GPRMC,120000.00,A,{PLACE},9.5,047.3,040526,,,A"
GGA = f"GPGGA,120000.00,{PLACE},1,09,0.9,3.4,M,39.1,M,,"
GLL = f"GPGLL,{PLACE},120000.00,A,A"
VTG = "GPVTG,48.1,T,44.2,M,9.7,N,18.0,K,A"
HDT = "HEHDT,51.5,T"
ZDA = "GPZDA,120000.00,04,05,2026,00,00"


def heard(*bodies, limits=LIMITS, sender=None):
    lines = [closed(one, b"$") if isinstance(one, str) else one for one in bodies]
    return decode(Message(b"\r\n".join(lines)), sender or own_sender(), limits)


def report(*bodies, **changes):
    [one] = heard(*bodies, **changes).accepted
    return one.report


def times(*bodies, **changes) -> list[str]:
    return [
        f"{one.report.recorded_at:%d %H:%M:%S}" for one in heard(*bodies, **changes).accepted
    ]


@captures.of("nmea")
def test_a_capture_decodes_to_what_stands_beside_it(capture):
    captures.check(capture, decode)


def test_the_sentences_of_one_moment_are_one_position_and_rmc_leads():
    found = report(GGA.replace("5739.6000", "5739.7000"), GLL, RMC, VTG, HDT, ZDA)

    assert (found.latitude, found.longitude) == (57.66, 11.8)
    assert (found.speed_knots, found.course_degrees, found.heading_degrees) == (9.5, 47.3, 51.5)
    assert (found.altitude_metres, found.accuracy_metres) == (3.4, 4.5)
    assert found.attributes == {"fix": "gps", "satellites": 9, "hdop": 0.9}
    assert found.recorded_at == datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_every_moment_is_a_position_of_its_own():
    later = [one.replace("120000", "120001") for one in (RMC, GGA)]

    assert times(RMC, VTG, GGA, *later, VTG) == ["04 12:00:00", "04 12:00:01"]


def test_a_place_twice_under_one_time_is_two_positions_and_a_repeat_is_one():
    elsewhere = RMC.replace("5739", "5740")

    assert len(heard(RMC, elsewhere).accepted) == 2
    assert len(heard(RMC, RMC, GGA).accepted) == 1
    assert len(heard(RMC, RMC.replace("GP", "GN", 1)).accepted) == 1


def test_what_is_empty_is_unknown_and_not_zero():
    found = report(f"GNRMC,120000.00,A,{PLACE},,,040526,,,A")

    assert (found.speed_knots, found.course_degrees, found.heading_degrees) == (
        None,
        None,
        None,
    )


def test_vtg_fills_in_what_rmc_leaves_out():
    found = report(f"GNRMC,120000.00,A,{PLACE},,,040526,,,A", VTG)

    assert (found.speed_knots, found.course_degrees) == (9.7, 48.1)


@pytest.mark.parametrize(
    "sentence",
    ["GPVTG,48.1,M,44.2,M,9.7,K,18.0,K,A", "GPVTG,,T,,M,,N,,K,N", "HEHDT,51.5,M", "HEHDT,,T"],
)
def test_another_unit_or_an_empty_field_says_nothing(sentence):
    found = report(f"GNRMC,120000.00,A,{PLACE},,,040526,,,A", sentence)

    assert (found.speed_knots, found.course_degrees, found.heading_degrees) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "bodies",
    [
        ["GPRMC,120000.00,V,,,,,,,040526,,,N"],
        [RMC.replace(",A,57", ",V,57")],
        [RMC[:-1] + "N"],
        [RMC[:-1] + "S"],
        [GGA.replace("E,1,", "E,0,")],
        [GGA.replace("E,1,", "E,8,")],
        [GLL.replace(",A,A", ",V,N")],
        [RMC, GGA.replace("E,1,", "E,0,")],
        [RMC.replace(PLACE, ",,,")],
        ["IIRMC,,V,,,,,,,,009,W,N"],
    ],
)
def test_without_a_fix_there_is_no_position(bodies):
    found = heard(*bodies)

    assert not found.accepted + found.rejected
    assert found.ignored == {"no_fix": 1}


@pytest.mark.parametrize("nothing", ["GNGGA,,,,,,0,00,25.5,,,,,,", "IIRMC,,V,,,,,,,,009,W,N"])
def test_a_receiver_that_finds_or_loses_its_fix_keeps_the_position_it_had(nothing):
    assert heard(nothing, RMC, GGA).ignored == {"no_fix": 1}
    assert times(nothing, RMC, GGA) == ["04 12:00:00"]
    assert times(RMC, GGA, nothing) == ["04 12:00:00"]


@pytest.mark.parametrize(
    ("quality", "fix", "accuracy"),
    [
        ("1", "gps", 4.5),
        ("2", "differential", 2.2),
        ("4", "rtk", None),
        ("6", "estimated", None),
    ],
)
def test_the_quality_of_a_fix_is_a_word(quality, fix, accuracy):
    found = report(RMC, GGA.replace("E,1,", f"E,{quality},"))

    assert (found.attributes["fix"], found.accuracy_metres) == (fix, accuracy)


def test_a_dilution_that_means_unknown_says_no_accuracy():
    found = report(RMC, GGA.replace(",0.9,", ",99.99,"))

    assert found.accuracy_metres is None
    assert "hdop" not in found.attributes


@pytest.mark.parametrize(
    ("place", "degrees"),
    [
        ("5739.6000,S,01148.0000,W", (-57.66, -11.8)),
        ("5739.6,N,1148.0,E", (57.66, 11.8)),
        ("5739,N,01148,E", (57.65, 11.8)),
        ("0000.0006,S,00000.0006,W", (-0.00001, -0.00001)),
        ("39.6000,N,48.0000,E", (0.66, 0.8)),
        ("9000.0000,N,18000.0000,E", (90, 180)),
    ],
)
def test_the_two_digits_before_the_point_are_minutes(place, degrees):
    found = report(RMC.replace(PLACE, place))

    assert (found.latitude, found.longitude) == degrees


@pytest.mark.parametrize(
    ("broken", "pointer"),
    [
        (RMC.replace("5739.6000", "57&9.6000"), "/0/latitude"),
        (RMC.replace("5739.6000", "5760.0000"), "/0/latitude"),
        (RMC.replace("5739.6000,N", "5739.6000,X"), "/0/latitude"),
        (RMC.replace("5739.6000,N", "9139.6000,N"), "/0/latitude"),
        (RMC.replace("5739.6000,N", ","), "/0/latitude"),
        (RMC.replace("01148.0000,E", "01148.0000,"), "/0/longitude"),
        (RMC.replace("01148", "18148"), "/0/longitude"),
        (RMC.replace(",9.5,", ",9.x,"), "/0/speed_knots"),
        (RMC.replace(",047.3,", ",947.3,"), "/0/course_degrees"),
        (RMC.replace("120000.00", "250000.00"), "/0/recorded_at"),
        (RMC.replace("040526", "310226"), "/0/recorded_at"),
        (RMC.replace("040526", "0405"), "/0/recorded_at"),
        (RMC.replace("040526", "040599"), "/0/recorded_at"),
        (RMC.replace("040526", "04052x"), "/0/recorded_at"),
    ],
)
def test_corrupt_bytes_under_a_right_checksum_are_refused_by_name(broken, pointer):
    found = heard(broken)

    [one] = found.rejected
    assert [fault.pointer for fault in one.fields] == [pointer]
    captures.check_raw_forms(found, decode, own_sender())


def test_a_receiver_whose_weeks_rolled_over_is_told_so():
    [one] = heard(RMC.replace("040526", "180906")).rejected

    assert [fault.code for fault in one.fields] == ["gps_week_rollover"]


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([GGA], ["04 12:00:00"]),
        ([GLL], ["04 12:00:00"]),
        ([GGA.replace("120000", "123100")], ["04 12:31:00"]),
        ([GGA.replace("120000", "220000")], ["03 22:00:00"]),
        ([GGA, ZDA.replace("04,05", "02,05")], ["02 12:00:00"]),
        (
            [GGA, RMC.replace("120000", "120001").replace("0405", "0205")],
            ["02 12:00:00", "02 12:00:01"],
        ),
        (
            [
                RMC.replace("120000", "235959").replace("0405", "0205"),
                GGA.replace("120000", "000000"),
                GGA.replace("120000", "000001"),
            ],
            ["02 23:59:59", "03 00:00:00", "03 00:00:01"],
        ),
        (
            [
                GGA.replace("120000", "235959"),
                RMC.replace("120000", "000000").replace("0405", "0305"),
            ],
            ["02 23:59:59", "03 00:00:00"],
        ),
        (
            [GGA.replace("120000", "220000"), GGA.replace("120000", "001000")],
            ["03 22:00:00", "04 00:10:00"],
        ),
    ],
)
def test_a_time_without_a_date_gets_its_neighbours_day_and_midnight_is_minded(bodies, expected):
    assert times(*bodies) == expected


def test_a_tag_block_says_on_what_day_a_time_without_a_date_was():
    tagged = block(f"c:{int((NOW - timedelta(days=3)).timestamp())}") + closed(GGA, b"$")

    assert times(tagged) == ["01 12:00:00"]


def test_a_place_without_any_time_is_of_when_it_came_in():
    assert times(f"GPGLL,{PLACE}") == ["04 12:30:00"]
    assert len(heard(f"GPGLL,{PLACE}", f"GPGLL,{PLACE[:-1]}W").accepted) == 2


def test_fractions_of_a_second_are_kept():
    found = report(RMC.replace("120000.00", "120000.125"))

    assert found.recorded_at.microsecond == 125_000


def test_other_sentences_are_counted_and_belong_to_nothing():
    found = heard(
        RMC, "GPGSA,A,3,,,,,,,,,,,,,1,1,1", "PGRME,1,M,2,M,3,M", VTG, "AIVDM,1,1,,A,0,0"
    )

    assert found.ignored == {"not_a_position": 3}
    assert heard(VTG, HDT, ZDA).ignored == {"not_a_position": 1}


def test_a_wrong_checksum_costs_its_own_line_only():
    found = heard(closed(RMC, b"$")[:-2] + b"00", RMC, b"", b"{}")

    assert len(found.accepted) == 1
    assert found.ignored == {"bad_checksum": 1, "not_a_sentence": 1}


@pytest.mark.parametrize("body", [b"", b"hello", b"{}", b"$GPRMC,120000"])
def test_a_body_without_any_sentence_is_malformed(body):
    with pytest.raises(Malformed):
        heard(body)


def test_more_positions_than_a_message_may_have_are_refused():
    later = [RMC.replace("120000", f"1200{second:02}") for second in range(3)]

    with pytest.raises(Invalid, match="at most 2"):
        heard(*later, limits=replace(LIMITS, reports_max=2))


def test_a_receiver_names_no_vessel_so_its_tracker_must():
    [one] = heard(RMC, sender=fleet_sender()).rejected

    assert [fault.code for fault in one.fields] == ["missing"]


@given(st.binary(max_size=200))
def test_any_bytes_give_reports_or_a_named_refusal(body):
    with suppress(Malformed):
        heard(body)


FIELDS = (
    *("", "A", "V", "N", "E", "T", "M", "1", "0", "5739.6", "01148.0", "120000", "235959.5"),
    *("040526", "311299", "04", "05", "2026", "9.5", "nan", "-1", "9" * 40),
)
FIELD = st.sampled_from(FIELDS) | st.text(
    st.characters(codec="ascii", exclude_characters="$!*\\\r\n,"), max_size=6
)
SENTENCE = st.builds(
    lambda kind, fields: closed(",".join([f"GP{kind}", *fields]), b"$"),
    st.sampled_from(["RMC", "GGA", "GLL", "VTG", "HDT", "ZDA"]),
    st.lists(FIELD, max_size=15),
)
GOOD = st.builds(
    lambda body, time, tag: (
        (block(f"c:{tag}") if tag else b"") + closed(body.replace("120000.00", time), b"$")
    ),
    st.sampled_from([RMC, GGA, GLL, VTG, HDT, ZDA]),
    st.sampled_from(["120000.00", "120001", "235959.999", "000000.5", "", "12"]),
    st.sampled_from([None, None, 1777896000, 1777809599999]),
)


@given(st.lists(SENTENCE | GOOD, max_size=10))
def test_any_sentences_give_reports_or_are_ignored_and_raw_forms_give_them_again(lines):
    sender = own_sender()

    with suppress(Malformed):
        captures.check_raw_forms(heard(*lines), decode, sender)
