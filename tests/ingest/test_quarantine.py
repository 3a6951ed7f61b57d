"""Rejected reports of many requests on their way into the table."""

from dataclasses import replace
from uuid import uuid4

import gevent
import pytest
from gevent.event import Event
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from harbor.errors import Unavailable
from harbor.fleet.verdict import Reason
from harbor.ingest import quarantine
from harbor.ingest import witnesses as witnesses_module
from harbor.ingest.quarantine import Quarantine
from harbor.ingest.witnesses import PostgresWitnesses
from harbor.store import positions
from harbor.store.quarantine import Rejected
from tests.builders import NOON, report


@pytest.fixture
def rejected(cast):
    def rejected(raw: bytes) -> Rejected:
        tracker, vessel = cast.vinga.tracker_id, cast.vinga.id
        return Rejected(cast.fleet_id, tracker, vessel, NOON, Reason.CONTRACT, "", raw)

    return rejected


class Slow:
    """A database whose sessions each let the other greenlets run first."""

    def __init__(self, database):
        self._database = database
        self.sessions = 0

    def session(self):
        self.sessions += 1
        gevent.sleep(0)
        return self._database.session()


def kept(runtime) -> int:
    with runtime.database.session() as session:
        return session.execute(text("SELECT count(*) FROM rejected_report")).scalar_one()


def test_what_comes_while_one_writes_is_written_together(rejected, runtime):
    slow = Slow(runtime.database)
    keeper = Quarantine(slow, patience_s=5)

    flood = [gevent.spawn(keeper.keep, [rejected(b"%d" % n)]) for n in range(100)]
    gevent.joinall(flood, raise_error=True)

    assert kept(runtime) == 100
    assert slow.sessions <= 2


def test_all_that_are_written_together_hear_of_a_failure(rejected, runtime, postgres):
    keeper = Quarantine(Slow(runtime.database), patience_s=5)
    postgres.kill()
    try:
        flood = [gevent.spawn(keeper.keep, [rejected(b"%d" % n)]) for n in range(3)]
        gevent.joinall(flood)
    finally:
        postgres.restart()

    assert all(isinstance(one.exception, Unavailable) for one in flood)
    keeper.keep([rejected(b"later")])
    assert kept(runtime) == 1


def test_what_postgresql_does_not_take_is_tried_once_and_all_hear_of_it(rejected, runtime):
    slow = Slow(runtime.database)
    keeper = Quarantine(slow, patience_s=5)
    poison = replace(rejected(b"x"), tracker_id=uuid4())

    flood = [gevent.spawn(keeper.keep, [poison]) for _ in range(10)]
    gevent.joinall(flood)

    assert {type(one.exception) for one in flood} == {IntegrityError}
    assert slow.sessions == 1


def test_a_crowd_of_first_looks_is_answered_together(cast, runtime):
    slow = Slow(runtime.database)
    witnesses = PostgresWitnesses(slow, patience_s=5)
    now = runtime.clock()
    reports = [report(tracker_id=uuid4(), recorded_at=now) for _ in range(100)]
    reports[7] = replace(reports[7], fleet_id=cast.fleet_id, vessel_id=cast.vinga.id)
    with runtime.database.engine.begin() as connection:
        positions.record(connection, positions.in_order([reports[7]]), now)

    crowd = [gevent.spawn(witnesses.around, [one]) for one in reports]
    gevent.joinall(crowd, raise_error=True)

    seen = [at for at, one in enumerate(crowd) if one.value[0].before is not None]
    assert seen == [7]
    assert slow.sessions <= 2


def test_a_look_that_fails_is_not_repeated_by_who_waited_for_it(runtime, monkeypatch):
    slow = Slow(runtime.database)
    witnesses = PostgresWitnesses(slow, patience_s=5)
    monkeypatch.setattr(witnesses_module.neighbours, "NEIGHBOURS", "SELECT 1/0")

    crowd = [gevent.spawn(witnesses.around, [report()]) for _ in range(10)]
    gevent.joinall(crowd)

    assert all(isinstance(one.exception, DataError) for one in crowd)
    assert slow.sessions == 1


def test_more_than_memory_should_hold_is_sent_away_at_once(rejected, runtime, monkeypatch):
    monkeypatch.setattr(quarantine, "WAITING_BYTES_MAX", 100)
    keeper = Quarantine(runtime.database, patience_s=5)

    with pytest.raises(Unavailable, match="Too many"):
        keeper.keep([rejected(b"x" * 101)])

    keeper.keep([rejected(b"x" * 100)])
    keeper.keep([rejected(b"y" * 100)])
    assert kept(runtime) == 2


def test_who_waits_too_long_for_a_turn_is_sent_away(rejected, runtime):
    keeper = Quarantine(runtime.database, patience_s=0.01)
    witnesses = PostgresWitnesses(runtime.database, patience_s=0.01)

    gate = Event()
    for turn in (keeper._turn, witnesses._turn):
        gevent.spawn(turn.run, gate.wait)
    gevent.sleep(0)

    with pytest.raises(Unavailable):
        keeper.keep([rejected(b"x")])
    with pytest.raises(Unavailable):
        witnesses.around([report()])
    gate.set()
