"""How much one tracker may send."""

from uuid import UUID

import pytest

from harbor.errors import TooMany
from harbor.ingest.allowance import REPORTS_PER_REQUEST, Allowance

MAD, CALM = UUID(int=1), UUID(int=2)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def allowance(clock):
    """Two a second, ten at once."""
    return Allowance(2, 10, clock)


def sent(allowance, tracker, most=1000, **given):
    """How many requests get through before one is refused."""
    for count in range(most):
        try:
            allowance.spend(tracker, **given)
        except TooMany:
            return count
    return most


def test_a_tracker_may_send_a_burst_and_then_its_rate(allowance, clock):
    assert sent(allowance, MAD) == 10

    clock.now += 3

    assert sent(allowance, MAD) == 6


def test_a_long_silence_saves_up_no_more_than_the_burst(allowance, clock):
    sent(allowance, MAD)
    clock.now += 86_400

    assert sent(allowance, MAD) == 10


def test_one_that_sends_too_much_does_not_stop_another(allowance):
    sent(allowance, MAD)

    assert sent(allowance, CALM) == 10


def test_an_array_costs_more_and_is_paid_for_afterwards(allowance, clock):
    allowance.spend(MAD)
    allowance.owe(MAD, 15 * REPORTS_PER_REQUEST)

    assert sent(allowance, MAD) == 0
    clock.now += 4
    assert sent(allowance, MAD) == 2


def test_a_key_that_a_fleet_shares_may_send_for_all_of_its_vessels(allowance):
    assert sent(allowance, MAD, vessels=5) == 50


def test_who_is_refused_is_told_when_to_come_back(allowance):
    sent(allowance, MAD)
    allowance.owe(MAD, 20 * REPORTS_PER_REQUEST)

    with pytest.raises(TooMany) as refused:
        allowance.spend(MAD)

    assert refused.value.retry_after_s == 11


def test_who_sent_nothing_lately_owes_nothing(allowance):
    allowance.owe(CALM, 100 * REPORTS_PER_REQUEST)
    allowance.owe_for_each(CALM, 100)

    assert sent(allowance, CALM) == 10
