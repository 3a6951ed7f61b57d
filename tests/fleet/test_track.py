"""What a track says of a voyage."""

from itertools import pairwise
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.fleet.geo import distance_metres
from harbor.fleet.lead import Lead
from harbor.fleet.sources import Standing
from harbor.fleet.track import Track, TrackFix

METRES = 1 / 111_195
KNOT = 1852 / 3600


def fix(at_s, north=0.0, east=0.0, speed=None, tracker="a"):
    """So many metres from 57° N, 11° E."""
    longitude = 11 + east * METRES / cos(radians(57))
    return TrackFix(at_s, 57 + north * METRES, longitude, speed, None, tracker)


def sail(begin_s, seconds, north=0.0, knots=10.0, step_s=10, speed=True):
    """Northwards at a speed, and the fix at the end too."""
    return [
        fix(begin_s + at, north + at * knots * KNOT, speed=knots if speed else None)
        for at in range(0, seconds + 1, step_s)
    ]


def lie(begin_s, seconds, north=0.0, step_s=10, speed=0.1, jitter=8.0):
    return [
        fix(begin_s + at, north + jitter * (-1) ** (at // step_s), jitter, speed)
        for at in range(0, seconds + 1, step_s)
    ]


def figures(fixes):
    track = Track()
    for one in fixes:
        track.add(one)
    return track.finish(), track


def test_an_hour_at_ten_knots_is_ten_miles():
    found, track = figures(sail(0, 3600))

    assert found.metres == pytest.approx(18_520, rel=0.001)
    assert found.under_way_s == 3600
    assert found.speed_mean_knots == pytest.approx(10, rel=0.001)
    assert (found.speed_max_knots, found.is_speed_computed) == (10, False)
    assert (track.stops, track.gaps, found.stopped_s) == ([], [], 0)


@pytest.mark.parametrize("speed", [0.1, None])
def test_a_night_at_the_quay_is_one_stop_and_no_distance(speed):
    found, track = figures(lie(0, 36_000, speed=speed))

    assert found.metres < 30
    assert (found.stopped_s, found.under_way_s) == (36_000, 0)
    assert [(stop.begin_s, stop.end_s) for stop in track.stops] == [(0, 36_000)]


def test_a_stop_between_two_legs_has_its_begin_its_end_and_its_place():
    there = 600 * 10 * KNOT
    way = sail(0, 590) + lie(600, 1200, there) + sail(1810, 600, there)

    found, track = figures(way)

    (stop,) = track.stops
    assert (stop.begin_s, stop.end_s) == (600, 1800)
    assert distance_metres(stop.latitude, stop.longitude, *fix(0, there)[1:3]) < 15
    assert found.under_way_s == pytest.approx(1210)
    assert found.metres == pytest.approx(2 * there, rel=0.02)


def test_without_speeds_a_stop_is_seen_by_its_place():
    there = 600 * 10 * KNOT
    way = (
        sail(0, 590, speed=False)
        + lie(600, 1200, there, speed=None)
        + sail(1810, 600, there, speed=False)
    )

    found, track = figures(way)

    (stop,) = track.stops
    assert stop.begin_s == pytest.approx(600, abs=60)
    assert stop.end_s == pytest.approx(1800, abs=30)
    assert found.is_speed_computed
    assert found.speed_max_knots == pytest.approx(10, rel=0.2)


def test_a_pause_of_two_minutes_is_no_stop():
    there = 600 * 10 * KNOT

    found, track = figures(
        sail(0, 590) + lie(600, 120, there, jitter=0) + sail(730, 600, there)
    )

    assert track.stops == []
    assert found.under_way_s == 1330


def test_one_wild_fix_at_the_quay_does_not_cut_the_stop_in_two():
    wild = [fix(605, 400, 400, 6.0)]

    found, track = figures([*lie(0, 600), *wild, *lie(620, 600)])

    assert len(track.stops) == 1
    assert found.metres < 30
    assert found.speed_max_knots == 0.1 or found.speed_max_knots is None


def test_swinging_at_anchor_is_one_stop():
    swing = [fix(at, 120 * (-1) ** (at // 600), 0, 0.3) for at in range(0, 7200, 60)]

    _, track = figures(swing)

    assert len(track.stops) == 1


def test_slowly_out_of_the_swinging_circle_is_under_way():
    drift = [fix(at, at * 0.4 * KNOT, 0, 0.4) for at in range(0, 7200, 60)]

    found, _ = figures(drift)

    assert found.under_way_s + found.stopped_s == pytest.approx(7140)
    assert found.metres == pytest.approx(7140 * 0.4 * KNOT, rel=0.01)


def test_a_silence_is_a_gap_and_its_straight_line_is_told_apart():
    first, second = sail(0, 600), sail(4200, 600, 4200 * 10 * KNOT)

    found, track = figures(first + second)

    assert [(gap.begin_s, gap.end_s) for gap in track.gaps] == [(600, 4200)]
    assert found.estimated_metres == pytest.approx(3600 * 10 * KNOT, rel=0.001)
    assert found.metres == pytest.approx(1200 * 10 * KNOT, rel=0.001)
    assert (found.under_way_s, found.unreported_s) == (1200, 3600)


def test_a_silence_at_the_quay_is_told_of_the_stop():
    _, track = figures(lie(0, 600) + lie(7800, 600))

    (stop,) = track.stops
    assert (stop.begin_s, stop.end_s, stop.unreported_s) == (0, 8400, 7200)


def test_of_very_many_stops_and_gaps_the_first_are_listed_and_all_are_counted():
    track = Track(listed_max=2)
    for number in range(5):
        for one in lie(number * 7200, 600, number * 5000):
            track.add(one)

    found = track.finish()

    assert (len(track.stops), len(track.gaps)) == (2, 2)
    assert (found.stop_count, found.gap_count) == (5, 4)


def test_a_track_of_nothing_and_of_one_fix_has_no_speed():
    assert figures([])[0].first_s is None
    found, _ = figures([fix(5)])
    assert (found.fixes, found.first_s, found.last_s, found.metres) == (1, 5, 5, 0)
    assert (found.speed_max_knots, found.speed_mean_knots) == (None, None)


def test_of_two_trackers_aboard_one_leads_until_it_is_silent():
    lead = Lead()
    heard = [(0, "a"), (5, "b"), (10, "a"), (65, "b"), (71, "b"), (72, "a"), (81, "b")]

    followed = [(at, who) for at, who in heard if lead.follows(fix(at, tracker=who))]

    assert followed == [(0, "a"), (10, "a"), (71, "b"), (81, "b")]


def test_a_tracker_that_counts_more_leads_as_soon_as_it_speaks():
    lead = Lead({"ais": Standing(30, 720), "gps": Standing(10, 300)})
    heard = [(0, "ais"), (5, "gps"), (10, "ais"), (305, "ais"), (306, "ais"), (307, "gps")]

    followed = [(at, who) for at, who in heard if lead.follows(fix(at, tracker=who))]

    assert followed == [(0, "ais"), (5, "gps"), (306, "ais"), (307, "gps")]


def test_a_stop_across_the_date_line_has_its_place_there():
    line = [
        TrackFix(at, 0.0, 179.9999 if at % 20 else -179.9999, 0.1, None, "a")
        for at in range(0, 600, 10)
    ]

    _, track = figures(line)

    assert abs(track.stops[0].longitude) > 179.99


fixes = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.floats(-3000, 3000),
        st.floats(-3000, 3000),
        st.one_of(st.none(), st.floats(0, 40)),
    ),
    max_size=80,
).map(
    lambda steps: [
        fix(sum(one[0] for one in steps[: number + 1]), *step[1:])
        for number, step in enumerate(steps)
    ]
)


@given(fixes)
def test_every_second_is_spent_once_and_no_way_is_shorter_than_the_straight_line(way):
    found, track = figures(way)

    if not way:
        return
    in_gaps = sum(stop.unreported_s for stop in track.stops)
    spent = found.under_way_s + found.stopped_s + found.unreported_s
    assert spent == pytest.approx(way[-1].at_s - way[0].at_s)
    assert in_gaps <= found.stopped_s + 1e-6
    straight = distance_metres(*way[0][1:3], *way[-1][1:3])
    sailed = sum(distance_metres(*a[1:3], *b[1:3]) for a, b in pairwise(way))
    run = found.metres + found.estimated_metres
    assert straight - 1e-3 <= run <= sailed + 1e-3


@given(fixes)
def test_stops_and_gaps_come_in_the_order_of_time_and_never_overlap_their_own(way):
    _, track = figures(way)

    for spans in (track.stops, track.gaps):
        for before, after in pairwise(spans):
            assert before.begin_s < before.end_s <= after.begin_s
    assert all(stop.end_s - stop.begin_s >= 180 for stop in track.stops)
