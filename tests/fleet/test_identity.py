"""IMO numbers and MMSIs."""

import pytest

from harbor.fleet.identity import imo_number, ship_mmsi


@pytest.mark.parametrize("text", ["9074729", "IMO 9074729", "IMO9319466", " 9319466 "])
def test_an_imo_number_with_the_right_check_digit_is_taken(text):
    assert imo_number(text) in {"9074729", "9319466"}


@pytest.mark.parametrize(
    "text", ["9074728", "907472", "90747290", "abcdefg", "", "\uff19074729"]
)
def test_an_imo_number_with_a_wrong_check_digit_or_shape_is_refused(text):
    assert imo_number(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("265123456", "265123456"),
        ("002651234", None),
        ("111265001", None),
        ("970123456", None),
        ("26512345", None),
        ("26512345x", None),
    ],
)
def test_only_a_ship_stations_mmsi_is_taken(text, found):
    assert ship_mmsi(text) == found
