"""How often somebody may be refused before it is not even looked into."""

import pytest

from harbor.errors import TooMany
from harbor.ingest.failures import KNOCKERS_MAX, Failures, site_of


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def failures(clock):
    return Failures(per_minute=6, clock=clock)


def fail(failures, *knockers, times=1):
    for _ in range(times):
        failures.require_room(*knockers)
        failures.note(*knockers)


def test_so_many_a_minute_are_looked_into_and_then_one_every_so_often(failures, clock):
    fail(failures, "a", times=6)

    with pytest.raises(TooMany) as refusal:
        failures.require_room("a")

    assert refusal.value.retry_after_s == 10
    clock.now += 10
    fail(failures, "a")
    with pytest.raises(TooMany):
        failures.require_room("a")


def test_who_is_quiet_for_a_minute_has_all_of_it_again(failures, clock):
    fail(failures, "a", times=6)
    clock.now += 60

    fail(failures, "a", times=6)


def test_one_who_knocks_too_often_stops_nobody_else(failures):
    fail(failures, "a", times=6)

    fail(failures, "b")
    failures.require_room()


def test_an_address_that_is_full_stops_every_name_and_a_name_every_address(failures):
    fail(failures, "here", "one", times=6)

    for knockers in (("here", "two"), ("there", "one")):
        with pytest.raises(TooMany):
            failures.require_room(*knockers)
    failures.require_room("there", "two")


def test_a_crowd_pushes_out_who_was_quiet_longest_and_not_who_is_at_it(failures):
    fail(failures, "old", times=6)
    fail(failures, "steady", times=5)
    for number in range(KNOCKERS_MAX - 2):
        failures.note(f"crowd {number}")
    failures.note("steady")

    failures.note("one more")

    failures.require_room("old")
    with pytest.raises(TooMany):
        failures.require_room("steady")


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "a local socket"),
        (None, "a local socket"),
        ("nonsense", "a local socket"),
    ],
)
def test_a_household_s_ipv6_addresses_count_as_one(address, site):
    assert site_of(address) == site
