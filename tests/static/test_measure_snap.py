"""What is measured beside a berth."""

import pytest

from tests.static.scripts import answer

QUAY = {"id": "q", "name": "Quay", "latitude": 57.7, "longitude": 11.9}
NEXT = {"id": "n", "name": "Next", "latitude": 57.7, "longitude": 11.9002}
PIXEL_DEGREES = 360 / (256 * 2**12)


@pytest.mark.parametrize(
    ("pixels", "name"), [(0, "Quay"), (6, "Quay"), (-9, "Quay"), (12, None), (-12, None)]
)
def test_a_click_within_a_few_pixels_of_a_berth_measures_to_the_berth(pixels, name):
    place = {"latitude": 57.7, "longitude": 11.9 + pixels * PIXEL_DEGREES}

    said = answer("measure-snap.js", "snapped(...given, 12)", place, [QUAY])

    assert said.get("name") == name
    assert said["longitude"] == (11.9 if name else place["longitude"])


def test_of_two_berths_side_by_side_the_nearer_one_is_measured():
    place = {"latitude": 57.7, "longitude": 11.90015}

    said = answer("measure-snap.js", "snapped(...given, 16)", place, [QUAY, NEXT])

    assert said["name"] == "Next"


def test_a_map_wound_round_the_globe_still_finds_its_berths():
    place = {"latitude": 57.7, "longitude": 371.9}

    assert answer("measure-snap.js", "snapped(...given, 12)", place, [QUAY])["name"] == "Quay"
