"""Distances and boxes."""

import pytest

from harbor.errors import Malformed
from harbor.fleet.geo import Box, distance_metres, parse_box


def test_a_minute_of_latitude_is_a_nautical_mile():
    assert distance_metres(57, 11, 57 + 1 / 60, 11) == pytest.approx(1852, rel=0.002)


def test_the_distance_across_the_antimeridian_is_short():
    assert distance_metres(0, 179.99, 0, -179.99) < 3000


def test_antipodes_are_half_the_earth_apart():
    assert distance_metres(0, 0, 0, 180) == pytest.approx(20_015_000, rel=0.001)


def test_a_box_across_the_antimeridian_holds_both_sides_and_not_the_rest():
    box = Box(west=170, south=-20, east=-170, north=20)

    assert box.contains(0, 175)
    assert box.contains(0, -175)
    assert not box.contains(0, 0)
    assert not box.contains(30, 175)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "a,b,c,d", "0,10,1,5", "-181,0,0,1", "0,0,0,91", "nan,0,1,1"]
)
def test_a_box_that_makes_no_sense_is_refused(text):
    with pytest.raises(Malformed):
        parse_box(text)


def test_a_box_is_west_south_east_north():
    assert parse_box("11.5,57.5,12.1,57.8") == Box(11.5, 57.5, 12.1, 57.8)
