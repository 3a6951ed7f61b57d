"""Which times a week counter that rolled over explains."""

from datetime import timedelta

import pytest

from harbor.fleet.rollover import periods_behind
from tests.builders import NOON

WEEKS = timedelta(weeks=1)
TOLERANCE = timedelta(hours=36)


@pytest.mark.parametrize(
    ("off", "periods"),
    [
        (1024 * WEEKS, 1),
        (2048 * WEEKS, 2),
        (-1024 * WEEKS, -1),
        (1024 * WEEKS + TOLERANCE, 1),
        (1024 * WEEKS - TOLERANCE, 1),
        (1024 * WEEKS + TOLERANCE + timedelta(seconds=1), 0),
        (0 * WEEKS, 0),
        (1023 * WEEKS, 0),
        (3072 * WEEKS, 0),
    ],
)
def test_one_or_two_periods_of_1024_weeks_are_told_from_any_other_time(off, periods):
    assert periods_behind(NOON - off, NOON, TOLERANCE) == periods
