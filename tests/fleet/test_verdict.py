"""What is believed and what is put in quarantine."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.fleet.verdict import (
    Neighbours,
    Yardstick,
    apart,
    doubtful,
    is_clock_stuck,
    is_null_island,
    teleports,
)
from harbor.fleet.vessel import Kind
from tests.builders import NOON, report, thresholds

HERE = {"latitude": 57.66}
FAR = {"latitude": 60.0}
"""140 nautical miles."""
YARDSTICK = Yardstick(thresholds())


def at(minutes: float, **changes):
    return report(recorded_at=NOON + timedelta(minutes=minutes), **changes)


def unsure(*voyage, newest=None, recent=None):
    return doubtful(voyage, newest, recent, YARDSTICK)


def wrong(*voyage, before=None, after=None, suspect=None, doubts=None):
    asked = range(len(voyage)) if doubts is None else doubts
    around = {index: Neighbours(before, after, suspect) for index in asked}
    return teleports(voyage, list(asked), around, YARDSTICK)


def test_zero_zero_is_a_receiver_without_a_fix():
    assert is_null_island(report(latitude=0.0, longitude=0.0), thresholds())
    assert not is_null_island(report(latitude=0.0, longitude=11.8), thresholds())
    assert is_null_island(
        report(latitude=0.01, longitude=-0.01), thresholds(null_island_degrees=0.1)
    )


@pytest.mark.parametrize(
    ("kind", "miles_an_hour", "expected"),
    [
        (Kind.TANKER, 29, True),
        (Kind.TANKER, 31, False),
        (Kind.HIGH_SPEED, 79, True),
        (Kind.HIGH_SPEED, 81, False),
        (Kind.OTHER, 99, True),
        (Kind.OTHER, 101, False),
    ],
)
def test_every_kind_of_vessel_has_its_own_speed_limit(kind, miles_an_hour, expected):
    later = at(60, latitude=57.66 + miles_an_hour / 60.04)
    yardstick = Yardstick(thresholds(), kind)

    assert yardstick.is_reachable(report(), later) is expected
    assert yardstick.is_reachable(later, report()) is expected


def test_a_small_jump_is_bad_reception_not_a_teleport():
    assert YARDSTICK.is_reachable(report(), at(0, latitude=57.677))
    assert not YARDSTICK.is_reachable(report(), at(0, latitude=57.679))


def test_the_antimeridian_is_no_jump():
    assert YARDSTICK.is_reachable(report(longitude=179.999), at(0, longitude=-179.999))


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-0.03, 0.03), st.floats(-0.03, 0.03))
def test_the_shortcut_without_trigonometry_never_changes_the_answer(
    latitude, longitude, north, east
):
    one = report(latitude=latitude, longitude=longitude)
    other = report(
        latitude=max(-90, min(90, latitude + north)),
        longitude=max(-180, min(180, longitude + east)),
    )

    assert YARDSTICK.is_reachable(one, other) is (apart(one, other) < 2000)


def test_what_follows_the_newest_in_order_is_believed_whatever_the_gap():
    assert unsure(at(600, latitude=58.0), newest=report()) == []


def test_a_first_report_and_one_that_jumps_are_doubtful():
    assert unsure(report()) == [0]
    assert unsure(at(1, **FAR), newest=report()) == [0]


def test_an_older_report_is_believed_only_beside_one_that_is_near_in_time():
    assert unsure(at(-4), newest=report()) == []
    assert unsure(at(-6), newest=report()) == [0]
    assert unsure(at(-60), newest=report(), recent=at(-61)) == []
    assert unsure(at(-60, **FAR), newest=report(), recent=at(-61)) == [0]


def test_the_reports_of_an_array_vouch_for_one_another():
    assert unsure(at(0), at(1), at(2)) == []
    assert unsure(at(-60), at(-59), at(-58), newest=report()) == []


def test_one_spike_in_an_array_is_doubtful_and_its_neighbours_are_not():
    assert unsure(at(1), at(2, **FAR), at(3), newest=report()) == [1]


def test_an_array_that_passes_the_newest_is_judged_by_it_from_there_on():
    voyage = (at(-2), at(20, latitude=57.9), at(40, **FAR))

    assert unsure(*voyage, newest=report()) == [2]


def test_reports_far_apart_in_time_do_not_vouch_for_old_ones():
    assert unsure(at(-600), at(-300), newest=report()) == [0, 1]


def test_the_first_ever_is_believed():
    assert wrong(report()) == []


def test_the_second_of_two_first_ones_is_the_suspect():
    assert wrong(at(0), at(1, **FAR)) == [1]


@pytest.mark.parametrize(
    ("before", "after", "is_wrong"),
    [
        (at(-1), at(1), True),
        (at(-1, **FAR), at(1), False),
        (at(-1), at(1, **FAR), False),
        (at(-1), None, True),
        (None, at(1), True),
        (at(-120), at(1), False),
    ],
)
def test_a_teleport_is_out_of_reach_of_both_neighbours(before, after, is_wrong):
    found = wrong(at(0, **FAR), before=before, after=after)

    assert found == ([0] if is_wrong else [])


def test_a_second_report_from_the_far_place_is_believed_at_either_end_of_the_track():
    suspect = at(1, **FAR)

    assert wrong(at(2, latitude=60.001), before=report(), suspect=suspect) == []
    assert wrong(at(1.5, latitude=60.001), after=at(3), suspect=suspect) == []


@pytest.mark.parametrize(
    ("suspect", "why"),
    [
        (at(2, **FAR), "the same again does not confirm itself"),
        (at(1, latitude=50.0), "another far place"),
        (at(-10, **FAR), "from before the vessel was seen here"),
    ],
)
def test_a_suspect_that_does_not_agree_confirms_nothing(suspect, why):
    assert wrong(at(2, **FAR), before=report(), suspect=suspect) == [0], why


def test_between_two_neighbours_no_suspect_confirms_anything():
    assert wrong(at(2, **FAR), before=report(), after=at(4), suspect=at(1, **FAR)) == [0]


def test_a_report_whose_time_is_known_is_no_teleport_but_a_repeat():
    assert wrong(at(0, **FAR), before=report(), after=at(1)) == []


def test_the_nearer_of_message_and_table_is_the_neighbour():
    voyage = (at(0), at(10, **FAR), at(20))

    assert wrong(*voyage, doubts=[1], before=at(9, **FAR)) == []
    assert wrong(*voyage, doubts=[1], before=at(-60), after=at(60)) == [1]


def test_two_that_agree_beside_one_another_are_believed_between_others():
    voyage = (at(0, **FAR), at(10, **FAR))

    assert wrong(*voyage, before=at(-1), after=at(11)) == []
    assert wrong(*voyage, before=at(-1), after=at(5)) == [0, 1]


def test_a_clock_that_stands_still_while_the_vessel_moves_is_noticed():
    moved = report(latitude=57.665)

    assert is_clock_stuck(moved, report(), 300, thresholds())
    assert not is_clock_stuck(moved, report(), 30, thresholds())
    assert not is_clock_stuck(report(), report(), 300, thresholds())


@given(st.lists(st.floats(-60, 60), min_size=1, max_size=12, unique=True))
def test_a_vessel_that_stays_in_port_is_never_doubted(minutes):
    voyage = [at(minute) for minute in sorted(minutes)]

    assert wrong(*voyage, before=at(-90), after=at(90)) == []


@given(
    st.lists(st.tuples(st.integers(-60, 60), st.floats(50, 65)), min_size=1, max_size=12),
    st.floats(50, 65),
)
def test_what_is_believed_is_in_reach_of_something_that_is_known(spots, latitude):
    places = dict(spots)
    voyage = [at(minute, latitude=places[minute]) for minute in sorted(places)]
    home = at(-61, latitude=latitude)

    refused = wrong(*voyage, before=home)

    for index, one in enumerate(voyage):
        others = [home, *voyage[:index], *voyage[index + 1 :]]
        if index not in refused:
            assert any(YARDSTICK.is_reachable(one, other) for other in others)
