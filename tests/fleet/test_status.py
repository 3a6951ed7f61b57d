"""How fresh a position is."""

from datetime import timedelta

import pytest

from harbor.fleet.status import Patience, State, age_seconds, state_of
from tests.builders import NOON


@pytest.mark.parametrize(
    ("age_s", "state"),
    [
        (0, State.LIVE),
        (179, State.LIVE),
        (180, State.LATE),
        (899, State.LATE),
        (900, State.SILENT),
        (None, State.SILENT),
    ],
)
def test_the_state_changes_exactly_at_its_borders(age_s, state):
    assert state_of(age_s, Patience(180, 900)) == state


def test_a_clock_a_little_ahead_gives_no_negative_age():
    assert age_seconds(NOON + timedelta(seconds=5), NOON) == 0
