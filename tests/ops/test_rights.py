"""Rights that are asked for again while a stream is open."""

import pytest

from harbor.errors import Unavailable
from harbor.ops.rights import Rights


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rights(clock):
    return Rights(clock)


def away():
    raise Unavailable("away")


def test_many_streams_of_one_principal_ask_once(rights):
    asked = []

    answers = [rights.hold("key", lambda: asked.append(1) or True) for _ in range(100)]

    assert all(answers)
    assert len(asked) == 1


def test_a_withdrawn_right_is_noticed_after_a_few_seconds(rights, clock):
    rights.hold("key", lambda: True)
    clock.now = 5.1

    assert not rights.hold("key", lambda: False)


def test_one_principals_answer_is_not_anothers(rights):
    rights.hold("key", lambda: True)

    assert not rights.hold("other", lambda: False)


def test_a_database_that_is_away_for_a_moment_ends_no_stream(rights, clock):
    rights.hold("key", lambda: True)
    clock.now = 24.0

    assert rights.hold("key", away)


def test_a_database_that_stays_away_fails_closed(rights, clock):
    rights.hold("key", lambda: True)
    clock.now = 25.1

    with pytest.raises(Unavailable):
        rights.hold("key", away)


def test_without_an_earlier_answer_there_is_no_grace(rights):
    with pytest.raises(Unavailable):
        rights.hold("key", away)


def test_no_stream_outlives_the_grace_by_asking_between_two_questions(rights, clock):
    rights.hold("key", lambda: True)
    clock.now = 26.0

    for _ in range(20):
        with pytest.raises(Unavailable):
            rights.hold("key", away)


def test_when_one_has_asked_in_vain_the_others_do_not_wait_for_the_same(rights, clock):
    asked = []
    for who in ("one", "other"):
        rights.hold(who, lambda: True)
    clock.now = 6.0
    rights.hold("one", away)

    assert rights.hold("other", lambda: asked.append(1) or False)
    assert asked == []

    clock.now = 12.0
    assert not rights.hold("other", lambda: False)
