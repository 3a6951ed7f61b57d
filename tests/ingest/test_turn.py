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
    """Take the turn, wait at the gate, find the database away; what was said."""

    def work():
        asked.append(gevent.getcurrent())
        gate.wait()
        raise Unavailable("away")

    with pytest.raises(Unavailable) as refused:
        turn.run(work)
    return str(refused.value)


def test_who_waited_behind_a_failure_does_not_try_the_same_again(turn):
    gate, asked = Event(), []
    all_of_them = [gevent.spawn(ask, turn, gate, asked) for _ in range(5)]
    gevent.sleep(0)

    gate.set()
    gevent.joinall(all_of_them)

    assert len(asked) == 1
    assert [one.value.startswith("The database is away") for one in all_of_them].count(
        True
    ) == 4


def test_who_comes_after_a_failure_tries(turn):
    gate, asked = Event(), []
    gate.set()

    assert [ask(turn, gate, asked) for _ in range(2)] == ["away", "away"]


def test_nobody_waits_longer_than_the_patience():
    turn, gate, ended = Turn(patience_s=0.01), Event(), Event()

    def work():
        gate.wait()
        ended.set()

    for _ in range(2):
        with pytest.raises(Unavailable):
            turn.run(work)

    gate.set()
    assert ended.wait(5), "what has begun goes on"


def test_who_has_waited_nearly_all_of_the_patience_begins_nothing():
    """The answer would come too late, and keep all others waiting for it."""
    turn, gate, begun = Turn(patience_s=0.5), Event(), []
    gevent.spawn(turn.run, gate.wait)
    gevent.sleep(0)
    gevent.spawn_later(0.45, gate.set)

    with pytest.raises(Unavailable, match="Too many"):
        turn.run(lambda: begun.append(1))

    turn.run(lambda: begun.append(2))
    assert begun == [2]


def test_what_the_work_returns_or_raises_is_the_callers():
    turn = Turn(patience_s=5)

    assert turn.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        turn.run(lambda: 1 / 0)
