"""Numbers and times as senders write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from harbor.errors import Malformed
from harbor.trackers import values

MOMENT = datetime(2026, 5, 4, 12, 30, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7.0),
        ("7.5", 7.5),
        (" 7 ", 7.0),
        ("7,5", None),
        ("", None),
        (None, None),
        (True, None),
        ("nan", None),
        (float("inf"), None),
        (10**400, None),
        ("1" * 40, None),
        ([1], None),
    ],
)
def test_only_a_finite_number_is_a_number(value, expected):
    assert values.number(value) == expected


def test_a_negative_value_means_unknown():
    assert values.known(-1) is None
    assert values.known("2", 0.5) == 1.0


def test_what_is_no_coordinate_is_left_for_the_contract_to_name():
    assert values.coordinate("57.5") == 57.5
    assert values.coordinate("north") == "north"


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04T12:30:00.250Z",
        "2026-05-04T12:30:00.250+00:00",
        "2026-05-04T14:30:00.250+0200",
        "2026-05-04T14:30:00.250 02:00",
        "2026-05-04T14:30:00.250 0200",
        "2026-05-04T12:30:00.250",
        " 2026-05-04 12:30:00.250 ",
    ],
)
def test_iso_times_are_read_with_any_offset_or_none(text):
    assert values.moment_of_text(text) == MOMENT


LONG = 1_000_000
"""As much as a body holds; what looks at it for every sign of it takes hours."""


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "0001-01-01T00:00:00+14:00", "T" * LONG, "2026-05-04T" + " " * LONG],
    ids=lambda text: text[:12],
)
def test_what_is_no_time_is_none(text):
    assert values.moment_of_text(text) is None


def test_unix_time_is_exact_to_the_microsecond_and_none_beyond_the_calendar():
    assert values.moment_of_unix(MOMENT.timestamp()) == MOMENT
    assert values.moment_of_unix(1e18) is None


def test_a_moment_in_words_is_in_utc():
    east = MOMENT.astimezone(timezone(timedelta(hours=5)))

    assert values.in_words(east) == "2026-05-04T12:30:00.250000+00:00"


def test_attributes_keep_what_fits_and_no_more_than_the_contract_takes():
    many = [(f"n{at}", at) for at in range(40)]
    odd = [("", 1), ("x" * 65, 1), ("list", [1]), ("long", "x" * 257), ("huge", 2.0**60)]

    assert values.attributes([*odd, ("nul", "\0"), ("nothing", None)]) is None
    kept = values.attributes([("on", True), *odd, *many])
    assert kept is not None
    assert len(kept) == 32
    assert kept["on"] is True


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("", None), ("null", None), ("NaN", None), ("-3", -3), ("deep", "deep")],
)
def test_a_quantity_is_a_number_or_nothing_and_the_unreadable_stays(value, expected):
    assert values.quantity(value) == expected


def test_a_measured_value_is_scaled_and_unknown_below_zero():
    assert values.measured("18.67", values.KNOTS_PER_METRE_PER_SECOND) == 36.292
    assert values.measured(0.29, 100) == 29.0
    assert values.measured(-1, 100) is None
    assert values.measured("fast") == "fast"


def test_no_receiver_is_exact_to_the_metre_naught():
    assert values.accuracy(0) is None
    assert values.accuracy("4.5") == 4.5


def test_an_altitude_counts_unless_its_own_accuracy_says_that_there_is_none():
    assert values.altitude(-3, None) == -3
    assert values.altitude(0, 4) == 0
    assert values.altitude(0, -1) is None


@pytest.mark.parametrize(
    "value", [MOMENT.timestamp(), "1777897800250", "2026-05-04T12:30:00.25Z"]
)
def test_a_time_is_written_in_words_whichever_way_it_is_given(value):
    assert values.time_in_words(value) == "2026-05-04T12:30:00.250000+00:00"


def test_a_time_that_cannot_be_read_stays_as_it_is():
    assert values.time_in_words("soon") == "soon"
    assert values.time_in_words([1]) == [1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("933", 933), ("0.8", 0.8), ("D7", "D7"), (True, True), ([1], [1])],
)
def test_text_of_a_form_becomes_what_it_stands_for(text, expected):
    assert values.plain(text) == expected


def test_a_list_of_texts_is_one_text_and_anything_else_none():
    assert values.listed(["driving", 7, "stationary"]) == "driving, stationary"
    assert values.listed("driving") is None


def test_what_is_nested_too_deeply_to_be_written_is_refused_by_name():
    deep: list = []
    for _ in range(300):
        deep = [deep]

    with pytest.raises(Malformed, match="written down"):
        values.body_of(deep)


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b'"\xff"', b'"\\ud800"'])
def test_what_is_not_json_is_refused_by_name(body):
    with pytest.raises(Malformed, match="not JSON"):
        values.document_of(body)
