"""How a fleet's past is cut up."""

from datetime import timedelta

import pytest

from harbor.fleet.history import FIXES_MAX, SLICES_MAX, plan
from tests.builders import NOON

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("span", "step_s"),
    [(timedelta(hours=6), 10), (DAY, 30), (3 * DAY, 60), (7 * DAY, 120)],
)
def test_a_longer_period_has_longer_steps(span, step_s):
    assert plan(NOON - span, NOON, 100).step_s == step_s


@pytest.mark.parametrize("vessels", [1, 100, 500, 2_000])
@pytest.mark.parametrize("span", [timedelta(minutes=1), DAY, 7 * DAY])
def test_a_plan_keeps_to_what_a_browser_can_hold(span, vessels):
    made = plan(NOON - span, NOON, vessels)

    steps = span.total_seconds() / made.step_s
    assert steps * vessels <= FIXES_MAX
    assert len(made.slices) <= SLICES_MAX + 1


def test_slices_lie_end_to_end():
    made = plan(NOON - DAY, NOON, 100)

    ends = [made.start_at, *(one.end_at for one in made.slices)]
    assert ends[:-1] == [one.start_at for one in made.slices]
    assert ends[-1] == NOON
    assert made.start_at <= NOON - DAY


def test_the_slice_of_the_moment_comes_first_and_the_past_backwards():
    made = plan(NOON - DAY, NOON, 100)
    at = NOON - timedelta(hours=2.5)

    sent = list(made.sent_from(at))

    assert sent[0].start_at <= at < sent[0].end_at
    first = made.slices.index(sent[0])
    assert sent == [*made.slices[first:], *reversed(made.slices[:first])]


@pytest.mark.parametrize("at", [NOON - 9 * DAY, NOON + DAY])
def test_a_moment_outside_of_the_period_leaves_nothing_out(at):
    made = plan(NOON - DAY, NOON, 100)

    assert sorted(made.sent_from(at), key=lambda one: one.start_at) == made.slices
