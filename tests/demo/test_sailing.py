import json
import math
import re
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from harbor.demo.sailing import DemoVessel, Fix, berths, fix_at, fleet

BASEMAP = Path(__file__).parents[2] / "static" / "basemap"
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)
DAY_S = 86_400
HALF_HULL_METRES = 12.0
METRES_PER_DEGREE = 111_320.0


def by_name(vessel: DemoVessel) -> str:
    return vessel.name


def loop_of(vessel: DemoVessel, step_s: int) -> list[Fix]:
    seconds = range(0, int(vessel.loop_minutes * 60), step_s)
    return [fix_at(vessel, MIDNIGHT + timedelta(seconds=second)) for second in seconds]


@pytest.mark.parametrize("vessel", fleet(), ids=by_name)
def test_no_hull_ever_touches_land(vessel, coast):
    hulls = [hull(fix) for fix in loop_of(vessel, step_s=6)]

    aground = [point for points in hulls for point in points if coast.is_land(*point)]

    assert aground == []


@pytest.mark.parametrize("vessel", fleet(), ids=by_name)
def test_a_bow_never_jumps_and_a_course_under_way_turns_slowly(vessel):
    fixes = loop_of(vessel, step_s=2)

    for before, after in pairwise(fixes):
        assert turn(before.heading_degrees, after.heading_degrees) < 2 * 2.0
        if min(before.speed_knots, after.speed_knots) > 5:
            assert turn(before.course_degrees, after.course_degrees) < 2 * 1.5
            assert turn(after.course_degrees, after.heading_degrees) < 15


@pytest.mark.parametrize("vessel", fleet(), ids=by_name)
def test_positions_agree_with_the_reported_speed(vessel):
    fixes = loop_of(vessel, step_s=5)

    for before, after in pairwise(fixes):
        sailed_knots = metres_between(before, after) / 5 * 3600 / 1852
        assert sailed_knots == pytest.approx(
            (before.speed_knots + after.speed_knots) / 2, abs=0.5
        )


@pytest.mark.parametrize("vessel", [v for v in fleet() if not v.visitor], ids=by_name)
def test_vessels_cruise_at_seven_to_fourteen_knots_and_stay_some_minutes_in_berths(vessel):
    fixes = loop_of(vessel, step_s=5)

    still = [fix for fix in fixes if fix.navigation_status != "under_way_using_engine"]
    stay_minutes = len(still) * 5 / 60 / len(vessel.route)
    assert 7 <= max(fix.speed_knots for fix in fixes) <= 14
    assert 4 <= stay_minutes <= 12
    assert {(fix.speed_knots, fix.course_degrees) for fix in still} == {(0.0, None)}
    assert len({(fix.latitude, fix.longitude) for fix in still}) == len(vessel.route)


def test_moored_vessels_keep_their_bow_along_the_quay_while_anchored_ones_swing():
    at_berths = {}
    for vessel in fleet():
        for fix in loop_of(vessel, step_s=10):
            key = fix.navigation_status, fix.latitude, fix.longitude
            if fix.course_degrees is None:
                at_berths.setdefault(key, set()).add(round(fix.heading_degrees, 6))

    for (status, *_), bows in at_berths.items():
        assert (len(bows) == 1) is (status == "moored")


def test_quays_are_within_some_metres_of_land_and_anchorages_are_not(coast):
    for berth in berths():
        round_about = [
            (berth.latitude + north / METRES_PER_DEGREE, berth.longitude + east / 59_500)
            for north in range(-30, 31, 5)
            for east in range(-30, 31, 5)
        ]

        is_near_land = any(coast.is_land(*point) for point in round_about)

        assert is_near_land is not berth.anchorage, berth.name


def test_at_any_minute_of_the_day_eight_or_more_vessels_are_under_way():
    minutes = [MIDNIGHT + timedelta(minutes=minute) for minute in range(24 * 60)]

    under_way = [
        sum(
            fix_at(vessel, moment).navigation_status == "under_way_using_engine"
            for vessel in fleet()
        )
        for moment in minutes
    ]

    assert min(under_way) >= 8


def test_no_two_vessels_are_ever_in_the_same_place():
    moments = [MIDNIGHT + timedelta(seconds=second) for second in range(0, DAY_S, 20)]

    for moment in moments:
        fixes = [fix_at(vessel, moment) for vessel in fleet()]
        assert min(metres_between(a, b) for a, b in combinations(fixes, 2)) > 20


@pytest.mark.parametrize("vessel", fleet(), ids=by_name)
def test_every_day_has_the_same_timetable_so_that_a_second_run_goes_on(vessel):
    noon = MIDNIGHT + timedelta(hours=12)

    today, later = fix_at(vessel, noon), fix_at(vessel, noon + timedelta(days=90))

    assert metres_between(today, later) < 0.01
    assert today.navigation_status == later.navigation_status


def test_the_visitors_vessel_lies_still_until_a_visitor_moves_it():
    (visitor,) = [vessel for vessel in fleet() if vessel.visitor]

    fixes = {fix_at(visitor, MIDNIGHT + timedelta(minutes=minute)) for minute in range(600)}

    (fix,) = fixes
    assert (fix.speed_knots, fix.navigation_status) == (0.0, "moored")


def test_one_sailing_vessel_is_marked_for_outages():
    (outage,) = [vessel for vessel in fleet() if vessel.outage]

    assert not outage.visitor
    assert len(outage.route) > 1


def test_the_fleet_has_twelve_vessels_with_valid_and_different_identities():
    assert len(fleet()) == 12
    for vessel in fleet():
        *digits, check = (int(digit) for digit in vessel.imo_number)
        assert sum(a * b for a, b in zip(digits, range(7, 1, -1), strict=True)) % 10 == check
        assert re.fullmatch(r"26[56]\d{6}", vessel.mmsi)
        assert re.fullmatch(r"S[A-M][A-Z]{2}", vessel.call_sign)
    for one_of in ("name", "imo_number", "mmsi", "call_sign"):
        assert len({getattr(vessel, one_of) for vessel in fleet()}) == 12


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(TypeError):
        fix_at(fleet()[0], datetime(2026, 7, 1))  # noqa: DTZ001 - the mistake being tested


class Coast:
    """Land or water by the even-odd rule, over edges sorted into bands of latitude."""

    BANDS_PER_DEGREE = 1_000

    def __init__(self, rings):
        self._bands = {}
        for ring in rings:
            for (east_a, north_a), (east_b, north_b) in pairwise(ring):
                for band in range(
                    self._band(min(north_a, north_b)), self._band(max(north_a, north_b)) + 1
                ):
                    self._bands.setdefault(band, []).append((east_a, north_a, east_b, north_b))

    def is_land(self, latitude, longitude):
        crossings = 0
        for east_a, north_a, east_b, north_b in self._bands.get(self._band(latitude), ()):
            if (north_a > latitude) != (north_b > latitude):
                share = (latitude - north_a) / (north_b - north_a)
                crossings += east_a + share * (east_b - east_a) > longitude
        return crossings % 2 == 1

    def _band(self, latitude):
        return math.floor(latitude * self.BANDS_PER_DEGREE)


@pytest.fixture(scope="module")
def coast():
    features = json.loads((BASEMAP / "gothenburg.json").read_text())["features"]
    return Coast(ring for feature in features for ring in feature["geometry"]["coordinates"])


def test_the_coast_knows_land_from_water(coast):
    assert coast.is_land(57.70, 11.80)
    assert coast.is_land(57.614, 11.782)
    assert not coast.is_land(57.60, 11.60)
    assert not coast.is_land(57.676, 11.785)


def hull(fix):
    """The bow, the middle and the stern."""
    ahead = math.radians(fix.heading_degrees)
    north = HALF_HULL_METRES * math.cos(ahead) / METRES_PER_DEGREE
    east = HALF_HULL_METRES * math.sin(ahead) / METRES_PER_DEGREE
    east /= math.cos(math.radians(fix.latitude))
    return [(fix.latitude + north * side, fix.longitude + east * side) for side in (-1, 0, 1)]


def metres_between(a, b):
    north = (a.latitude - b.latitude) * METRES_PER_DEGREE
    east = (a.longitude - b.longitude) * METRES_PER_DEGREE * math.cos(math.radians(a.latitude))
    return math.hypot(north, east)


def turn(start, end):
    return abs((end - start + 180) % 360 - 180)
