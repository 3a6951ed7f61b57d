"""Berths, by which stops are named."""

import pytest

from harbor.errors import Invalid
from harbor.fleet import berth
from harbor.fleet.berth import Berth, berth_at, verified

NORTH = Berth("North", 57.700, 11.9, 300)
SOUTH = Berth("South", 57.698, 11.9, 150)


def test_of_two_berths_that_reach_a_vessel_the_nearest_names_its_stop():
    assert berth_at([NORTH, SOUTH], 57.6983, 11.9) == SOUTH
    assert berth_at([SOUTH, NORTH], 57.6995, 11.9) == NORTH


def test_a_vessel_beyond_every_berths_reach_lies_at_none():
    assert berth_at([NORTH, SOUTH], 57.71, 11.9) is None
    assert berth_at([], 57.7, 11.9) is None


def test_of_the_berths_of_all_the_world_only_those_as_far_north_are_measured(monkeypatch):
    """Thousands of berths for hundreds of stops: it would hold up all others for seconds."""
    measured = []
    monkeypatch.setattr(
        berth, "distance_metres", lambda *places: measured.append(places) or 1_000.0
    )
    world = [Berth(str(south), south, 11.9) for south in range(-90, 91)]

    assert berth_at(world, 57.001, 11.9) is None
    assert [place[2] for place in measured] == [57]


def test_a_berth_reaches_as_far_north_as_it_says():
    reach_degrees = 149.9 / 111_195
    quay = Berth("a", 57, 11.9, 150)

    assert berth_at([quay], 57 + reach_degrees, 11.9) == quay
    assert berth_at([quay], 57 - reach_degrees, 11.9) == quay


def test_a_name_is_kept_with_single_spaces():
    assert verified(Berth("  Lilla   Varholmen ", 57.7, 11.7)).name == "Lilla Varholmen"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Berth(" ", 57, 11), "name"),
        (Berth("x" * 81, 57, 11), "name"),
        (Berth("a\tb\x00", 57, 11), "name"),
        (Berth("a", 90.1, 11), "latitude"),
        (Berth("a", float("nan"), 11), "latitude"),
        (Berth("a", 57, -180.1), "longitude"),
        (Berth("a", 57, 11, 0), "radius_metres"),
        (Berth("a", 57, 11, float("inf")), "radius_metres"),
    ],
)
def test_what_no_berth_can_be_is_refused_by_the_name_of_its_field(given, field):
    with pytest.raises(Invalid) as refused:
        verified(given)

    assert [one.code for one in refused.value.fields] == [field]
