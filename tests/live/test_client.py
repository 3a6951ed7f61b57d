"""The breaker in front of Valkey."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from harbor.errors import Unavailable
from harbor.live.client import Breaker


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def fail():
    raise RedisConnectionError("gone")


def test_after_three_failures_nothing_is_tried_for_two_seconds():
    clock, tries = Clock(), []
    breaker = Breaker(clock)
    for _ in range(3):
        with pytest.raises(Unavailable):
            breaker.call(fail)

    with pytest.raises(Unavailable):
        breaker.call(tries.append, 1)
    assert tries == []

    clock.now = 2.1
    breaker.call(tries.append, 2)
    assert tries == [2]


def test_one_success_closes_the_breaker_again():
    breaker = Breaker(Clock())
    for _ in range(2):
        with pytest.raises(Unavailable):
            breaker.call(fail)

    breaker.call(lambda: None)

    for _ in range(2):
        with pytest.raises(Unavailable):
            breaker.call(fail)
    assert not breaker.is_open


def test_while_one_tries_the_others_are_refused():
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3):
        with pytest.raises(Unavailable):
            breaker.call(fail)
    clock.now = 2.1

    with pytest.raises(Unavailable):
        breaker.call(breaker.call, fail)
    assert breaker.is_open
