"""One at a time to a database that may be away."""

import gevent
import pytest
from gevent.event import Event

from harbor.errors import Unavailable
from harbor.ingest.turn import Turn


@pytest.fixture
def turn():
    return Turn(patience_s=5)


def ask(turn, gate, asked):
    """Take the turn, wait at the gate, find the database away."""
    with turn.taken():
        asked.append(gevent.getcurrent())
        gate.wait()
        turn.failed()
        raise Unavailable("away")


def test_who_waited_behind_a_failure_does_not_try_the_same_again(turn):
    gate, asked = Event(), []
    all_of_them = [gevent.spawn(ask, turn, gate, asked) for _ in range(5)]
    gevent.sleep(0)

    gate.set()
    gevent.joinall(all_of_them)

    assert len(asked) == 1
    assert {type(one.exception) for one in all_of_them} == {Unavailable}


def test_who_comes_after_a_failure_tries(turn):
    gate, asked = Event(), []
    gate.set()

    for _ in range(2):
        with pytest.raises(Unavailable):
            ask(turn, gate, asked)

    assert len(asked) == 2


def test_nobody_waits_longer_than_the_patience():
    turn = Turn(patience_s=0.01)

    with turn.taken(), pytest.raises(Unavailable), turn.taken():
        raise AssertionError("two at once")
