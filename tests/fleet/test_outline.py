"""A track in few points."""

from itertools import pairwise
from math import cos, hypot, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbor.fleet.outline import Outline
from harbor.fleet.track import TrackFix

METRES = 111_195


def outline(fixes, points_max=100, gaps=()):
    made = Outline(points_max)
    for number, fix in enumerate(fixes):
        made.add(fix, number in gaps)
    return made


def fix(at_s, north, east, speed=10.0):
    return TrackFix(
        at_s, 57 + north / METRES, 11 + east / METRES / cos(radians(57)), speed, None, "a"
    )


def circle(count, radius=5_000):
    turns = [number / count * 6.28 for number in range(count)]
    return [fix(n * 10, radius * sin(t), radius * cos(t)) for n, t in enumerate(turns)]


def test_few_fixes_are_all_drawn():
    fixes = circle(100)

    made = outline(fixes)

    assert [one for one, _ in made.points] == fixes
    assert (made.is_thinned, made.tolerance_metres) == (False, 0.0)


def test_a_straight_way_keeps_its_ends_and_a_point_now_and_then():
    made = outline([fix(n * 10, n * 50, 0) for n in range(5000)])

    assert made.is_thinned
    assert len(made.points) <= 101
    assert made.points[0][0].at_s == 0
    assert made.points[-1][0].at_s == 49_990


def test_a_bend_is_kept_and_so_is_a_change_of_speed():
    north = [fix(n * 10, n * 50, 0) for n in range(2000)]
    east = [fix(20_000 + n * 10, 100_000, n * 50, 3.0) for n in range(2000)]

    kept = [one.at_s for one, _ in outline(north + east, 60).points]

    assert any(abs(at_s - 20_000) <= 20 for at_s in kept)


def test_both_ends_of_a_gap_are_kept_however_many_there_are():
    fixes = [fix(n * 100, n * 50, 0) for n in range(1500)]

    made = outline(fixes, 20, gaps=range(3, 1500, 3))

    assert sum(is_gap for _, is_gap in made.points) == 499
    kept = {one.at_s for one, _ in made.points}
    assert all((n - 1) * 100 in kept for n in range(3, 1500, 3))


def test_turning_back_on_the_same_line_is_kept():
    there = [fix(n * 10, n * 20, 0) for n in range(200)]
    back = [fix(2000 + n * 10, 3980 - n * 20, 0) for n in range(200)]

    kept = [one for one, _ in outline(there + back, 40).points]

    assert max(one.latitude for one in kept) > 57 + 3900 / METRES


def test_speed_that_leaps_at_every_fix_is_kept_as_well_as_may_be():
    leaps = [fix(n * 10, n * 50, 0, 40.0 * (n % 2)) for n in range(300)]

    made = outline(leaps, 60)

    assert {one.speed_knots for one, _ in made.points} == {0.0, 40.0}


def test_a_vessel_at_rest_needs_few_points():
    made = outline([fix(n * 10, n % 3, n % 2, 0.0) for n in range(5000)], 60)

    assert len(made.points) <= 61


@settings(max_examples=40)
@given(st.integers(200, 900), st.integers(300, 9000))
def test_no_fix_is_further_from_the_drawn_line_than_twice_the_tolerance(count, radius):
    fixes = circle(count, radius)

    made = outline(fixes, 80)

    drawn = [one for one, _ in made.points]
    for one in fixes:
        legs = pairwise(drawn)
        nearest = min(away(one, a, b) for a, b in legs if a.at_s <= one.at_s <= b.at_s)
        assert nearest <= 2 * made.tolerance_metres + 1


def away(one, a, b):
    """Metres from a point to a leg, on the flat."""
    east = METRES * cos(radians(57))
    px, py = (one.longitude - a.longitude) * east, (one.latitude - a.latitude) * METRES
    lx, ly = (b.longitude - a.longitude) * east, (b.latitude - a.latitude) * METRES
    length = lx * lx + ly * ly
    share = max(0.0, min(1.0, (px * lx + py * ly) / length)) if length else 0.0
    return hypot(px - share * lx, py - share * ly)


@pytest.mark.parametrize("count", [1, 2])
def test_the_newest_fix_is_always_drawn(count):
    assert len(outline(circle(count)).points) == count
