"""Distances, bearings and boxes in the pages' scripts."""

import pytest

from harbor.fleet.geo import METRES_PER_NAUTICAL_MILE, distance_metres
from tests.static.scripts import answer

VINGA = {"latitude": 57.632, "longitude": 11.605}
SKAGEN = {"latitude": 57.719, "longitude": 10.587}
WEST_OF_THE_LINE = {"latitude": -17, "longitude": 179.5}
EAST_OF_THE_LINE = {"latitude": -17, "longitude": -179.5}


def test_the_pages_measure_the_same_distance_as_the_server():
    ours = distance_metres(*VINGA.values(), *SKAGEN.values()) / METRES_PER_NAUTICAL_MILE

    theirs = answer("geo.js", "distance_nm(...given)", VINGA, SKAGEN)

    assert theirs == pytest.approx(ours, rel=1e-9)


def test_a_distance_across_the_antimeridian_goes_the_short_way():
    said = answer("geo.js", "distance_nm(...given)", WEST_OF_THE_LINE, EAST_OF_THE_LINE)

    assert said == pytest.approx(57.4, abs=0.1)


@pytest.mark.parametrize(
    ("to", "bearing"),
    [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), 270)],
)
def test_bearings_go_clockwise_from_north(to, bearing):
    place = dict(zip(("latitude", "longitude"), to, strict=True))

    said = answer("geo.js", "bearing_degrees({latitude: 0, longitude: 0}, ...given)", place)

    assert said == pytest.approx(bearing)


def test_a_great_circle_is_cut_into_pieces_of_one_length():
    way = "greatCircle(...given, 4)"
    pieces = f"{way}.slice(1).map((to, i) => distance_nm({way}[i], to))"

    said = answer("geo.js", pieces, WEST_OF_THE_LINE, EAST_OF_THE_LINE)

    assert said == pytest.approx([said[0]] * 4)


@pytest.mark.parametrize("turns", [-2, -1, 0, 1])
def test_a_map_wound_round_the_globe_still_has_its_vessels_in_view(turns):
    view = {"west": 179 + 360 * turns, "east": 181 + 360 * turns, "south": -20, "north": -10}

    said = answer("geo.js", "given[1].map((one) => isWithin(given[0], one))", view, [
        WEST_OF_THE_LINE, EAST_OF_THE_LINE, VINGA, {"latitude": -25, "longitude": 180},
    ])  # fmt: skip

    assert said == [True, True, False, False]


def test_a_view_wider_than_the_globe_has_every_longitude():
    view = {"west": -300, "east": 300, "south": -80, "north": 80}

    assert answer("geo.js", "isWithin(...given)", view, VINGA)
