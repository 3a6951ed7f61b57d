"""The interval at which a tracker reports, learned."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.fleet.rhythm import Rhythm, freshness, interval_seconds
from harbor.fleet.status import Patience, State

PATIENCE = Patience(late_after_s=120, silent_after_s=900)


def test_three_steps_are_enough_to_know_a_rhythm_and_two_are_not():
    assert interval_seconds([0, 10, 20]) is None
    assert interval_seconds([0, 10, 20, 30]) == 10


def test_one_long_silence_does_not_change_a_rhythm():
    assert interval_seconds([0, 10, 20, 30, 4000, 4010]) == 10


def test_two_fixes_of_one_moment_are_no_step():
    assert interval_seconds([0, 0, 10, 10, 20, 20]) is None


def test_a_tracker_that_slows_down_is_known_by_its_new_rhythm():
    fast = [10.0 * number for number in range(50)]
    slow = [fast[-1] + 300.0 * number for number in range(1, 12)]

    assert interval_seconds(fast + slow) == 300


@given(st.lists(st.floats(-5, 1e6), max_size=80))
def test_a_rhythm_is_the_median_of_the_last_twenty_steps_that_are_steps(steps):
    rhythm = Rhythm()
    for step in steps:
        rhythm.note(step)

    counted = [step for step in steps if step > 0][-20:]
    expected = median(counted) if len(counted) >= 3 else None
    assert rhythm.interval_s == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("age_s", "interval_s", "state"),
    [
        (19, 10, State.LIVE),
        (20, 10, State.LATE),
        (50, 10, State.SILENT),
        (500, 300, State.LIVE),
        (9, 1, State.LIVE),
        (10, 1, State.LATE),
        (119, None, State.LIVE),
        (120, None, State.LATE),
        (900, None, State.SILENT),
        (None, 10, State.SILENT),
    ],
)
def test_freshness_goes_by_the_trackers_own_rhythm_else_by_the_settings(
    age_s, interval_s, state
):
    assert freshness(age_s, interval_s, PATIENCE) is state
