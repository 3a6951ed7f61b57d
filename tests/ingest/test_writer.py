"""The group commit, with a ledger of our own."""

import gevent
import gevent.event
import pytest

from harbor.errors import Unavailable
from harbor.ingest.writer import Fate, RowPutOff, RowRefused, Writer
from harbor.ops.logs import configure
from harbor.store.positions import Batch, StoredPosition
from tests.builders import FLEET, NOON, VESSEL, report

LATER = NOON.replace(minute=30)


class FakeLedger:
    """Keeps rows in a dictionary; can be slow, away or picky."""

    def __init__(self):
        self.rows = {}
        self.asked = gevent.event.Event()
        self.tried = 0
        self.commits = []
        self.away = False
        self.refuses = None
        self.refusal = RowRefused
        self.gate = None

    def ask(self):
        if self.away:
            raise Unavailable("away")
        self.asked.set()

    def record(self, rows, received_at):
        self.tried += 1
        if self.gate:
            self.gate.wait()
        if self.away:
            raise Unavailable("away")
        if self.refuses in rows.values():
            raise self.refusal("no such thing")
        self.commits.append(len(rows))
        new = {key: one for key, one in rows.items() if key not in self.rows}
        self.rows |= new
        return [Batch(VESSEL, FLEET, new)] if new else []

    def known(self, keys):
        return {key: StoredPosition(self.rows[key], NOON) for key in keys}

    def close(self):
        pass


@pytest.fixture
def ledger():
    return FakeLedger()


@pytest.fixture
def published():
    return []


@pytest.fixture
def writer(ledger, published):
    def publish(batch, received_at):
        published.extend(batch.rows.values())

    writer = Writer(ledger, publish, 100, 0.2)
    greenlet = gevent.spawn(writer.run)
    yield writer
    greenlet.kill()


def stalled(ledger):
    """A commit has begun and waits at the gate."""
    with gevent.Timeout(5):
        while not ledger.tried:
            gevent.sleep(0)


def fates(outcomes):
    return [outcome.fate for outcome in outcomes]


def test_requests_that_wait_together_share_one_commit(writer, ledger):
    ledger.gate = gevent.event.Event()
    first = gevent.spawn(writer.write, [report()], NOON)
    gevent.sleep(0)
    rest = [
        gevent.spawn(writer.write, [report(latitude=n, recorded_at=NOON.replace(hour=n))], NOON)
        for n in range(5)
    ]
    gevent.sleep(0)

    ledger.gate.set()
    gevent.joinall([first, *rest])

    assert ledger.commits == [1, 5]


def test_the_same_report_from_two_requests_at_once_is_new_for_only_one(writer, published):
    both = [gevent.spawn(writer.write, [report()], NOON) for _ in range(2)]
    gevent.joinall(both)

    assert sorted(fates(both[0].value + both[1].value)) == [Fate.DUPLICATE, Fate.STORED]
    assert published == [report()]


def test_another_content_under_the_same_key_is_told_apart(writer):
    outcomes = writer.write([report(), report(latitude=1.0)], NOON)

    assert fates(outcomes) == [Fate.STORED, Fate.DUPLICATE]
    assert not outcomes[1].is_identical


def test_a_row_that_is_refused_takes_none_of_its_neighbours_with_it(writer, ledger):
    reports = [report(recorded_at=NOON.replace(minute=n)) for n in range(7)]
    ledger.refuses = reports[3]

    outcomes = writer.write(reports, NOON)

    assert fates(outcomes).count(Fate.STORED) == 6
    assert outcomes[3].fate is Fate.REFUSED


def test_a_row_that_is_put_off_puts_off_nobody_else(writer, ledger):
    reports = [report(recorded_at=NOON.replace(minute=n)) for n in range(3)]
    ledger.refuses, ledger.refusal = reports[1], RowPutOff

    outcomes = writer.write(reports, NOON)

    assert fates(outcomes) == [Fate.STORED, Fate.PUT_OFF, Fate.STORED]
    assert fates(writer.write([report(recorded_at=LATER)], NOON)) == [Fate.STORED]


def test_nothing_is_acknowledged_while_the_database_is_away(writer, ledger):
    ledger.away = True

    with pytest.raises(Unavailable):
        writer.write([report()], NOON)

    ledger.away = False
    assert ledger.asked.wait(5)
    gevent.sleep(0)
    assert fates(writer.write([report()], NOON)) == [Fate.STORED]


def test_while_the_database_is_away_all_are_sent_away_at_once(writer, ledger):
    ledger.away = True
    with pytest.raises(Unavailable):
        writer.write([report()], NOON)

    for _ in range(20):
        with pytest.raises(Unavailable), gevent.Timeout(0.05):
            writer.write([report()], NOON)

    assert ledger.commits == []


def test_a_database_that_is_back_is_noticed_though_nobody_sends(writer, ledger):
    ledger.away = True
    with pytest.raises(Unavailable):
        writer.write([report()], NOON)

    ledger.away = False

    assert ledger.asked.wait(5)
    gevent.sleep(0)
    crowd = [gevent.spawn(writer.write, [report(latitude=n)], NOON) for n in range(5)]
    gevent.joinall(crowd)
    assert [one.exception for one in crowd] == [None] * 5


def test_who_waits_behind_a_commit_that_failed_is_sent_away_with_it(writer, ledger):
    ledger.gate = gevent.event.Event()
    ledger.away = True
    both = [gevent.spawn(writer.write, [report()], NOON)]
    gevent.sleep(0)
    both.append(gevent.spawn(writer.write, [report()], NOON))
    gevent.sleep(0)

    ledger.gate.set()
    gevent.joinall(both)

    assert [type(one.exception) for one in both] == [Unavailable, Unavailable]
    assert ledger.tried == 1


def test_a_commit_that_takes_too_long_is_not_acknowledged(writer, ledger):
    ledger.gate = gevent.event.Event()

    with pytest.raises(Unavailable):
        writer.write([report()], NOON)


def test_who_comes_after_a_group_has_failed_waits_in_a_new_one(writer, ledger):
    ledger.gate = gevent.event.Event()
    gevent.spawn(writer.write, [report(latitude=1)], NOON)
    stalled(ledger)
    with pytest.raises(Unavailable):  # behind the stalled commit, until its patience is over
        writer.write([report(latitude=2)], NOON)

    newcomer = gevent.spawn(writer.write, [report(latitude=3, recorded_at=LATER)], NOON)
    gevent.sleep(0)
    ledger.gate.set()
    newcomer.join()

    assert fates(newcomer.value) == [Fate.STORED]


def test_what_nobody_waits_for_any_more_is_not_committed(writer, ledger):
    ledger.gate = gevent.event.Event()
    gevent.spawn(writer.write, [report()], NOON)
    stalled(ledger)
    with pytest.raises(Unavailable):
        writer.write([report(recorded_at=LATER)], NOON)

    ledger.gate.set()
    writer.write([report(recorded_at=LATER.replace(second=1))], NOON)

    assert ledger.commits == [1, 1]
    assert len(ledger.rows) == 2


def test_an_outage_is_told_once_and_so_is_its_end(writer, ledger, capsys):
    configure("INFO")
    ledger.away = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            writer.write([report()], NOON)
    ledger.away = False
    ledger.asked.wait(5)
    gevent.sleep(0)

    writer.write([report()], NOON)

    said = capsys.readouterr().out
    assert (said.count("writer.database_away"), said.count("writer.database_back")) == (1, 1)


def test_over_the_bound_a_request_is_sent_away_at_once(writer, ledger):
    ledger.gate = gevent.event.Event()
    gevent.spawn(writer.write, [report()], NOON)
    gevent.sleep(0)
    gevent.spawn(writer.write, [report()] * 100, NOON)
    gevent.sleep(0)

    with gevent.Timeout(0.05), pytest.raises(Unavailable, match="Too many"):
        writer.write([report()], NOON)


def test_the_next_request_is_served_after_an_unforeseen_error(writer, ledger):
    ledger.rows = None

    with pytest.raises(TypeError):
        writer.write([report()], NOON)

    ledger.rows = {}
    assert fates(writer.write([report()], NOON)) == [Fate.STORED]
