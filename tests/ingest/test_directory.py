"""What workers know of trackers: how soon, and at which cost in readings."""

from contextlib import contextmanager
from datetime import timedelta

import gevent
import pytest
from cryptography.fernet import Fernet
from gevent.event import Event
from sqlalchemy import event, text

from harbor.errors import Unavailable
from harbor.ingest.contents import NOBODY, SHARED_MAX
from harbor.ingest.directory import WAITING_MAX, Directory
from harbor.store import trackers
from harbor.store.trackers import Seal
from tests.builders import thresholds


@pytest.fixture
def readings(runtime):
    """The statements that look for changes in the directory."""
    seen = []

    def note(connection, cursor, statement, *_):
        if "sum(revision)" in statement:
            seen.append(statement)

    event.listen(runtime.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(runtime.database.engine, "before_cursor_execute", note)


def at_once(directory, count):
    """As many look for news at the same moment; what each of them got."""

    def look():
        try:
            return directory.look_anew()
        except Unavailable as error:
            return str(error)

    greenlets = [gevent.spawn(look) for _ in range(count)]
    gevent.joinall(greenlets, timeout=10)
    return [greenlet.value for greenlet in greenlets]


def test_a_crowd_of_unknown_signatures_costs_one_reading(runtime, cast, readings):
    directory = Directory(runtime.database, runtime.seal, thresholds())
    directory.refresh()
    readings.clear()

    assert at_once(directory, WAITING_MAX) == [False] * WAITING_MAX
    assert len(readings) == 1


def test_a_crowd_learns_together_that_the_database_is_away(runtime, cast, postgres, readings):
    directory = Directory(runtime.database, runtime.seal, thresholds())
    directory.refresh()
    postgres.kill()
    try:
        answers = at_once(directory, 20)
    finally:
        postgres.restart()

    assert all("away" in str(one) for one in answers)
    assert directory.contents().named


class SlowDatabase:
    """Lets nobody read until `go` is set; away while `is_away`."""

    def __init__(self, database):
        self._database = database
        self.go = Event()
        self.is_away = False
        self.asked = 0

    @contextmanager
    def session(self):
        self.asked += 1
        self.go.wait()
        if self.is_away:
            raise Unavailable("The database is away.")
        with self._database.session() as session:
            yield session


@pytest.fixture
def slow(runtime, cast):
    return SlowDatabase(runtime.database)


def all_begun(*calls):
    """Greenlets that have each gone as far as they get."""
    greenlets = [gevent.spawn(call) for call in calls]
    gevent.sleep(0)
    gevent.sleep(0)
    return greenlets


def test_who_comes_when_too_many_wait_is_told_to_come_back(runtime, cast, slow):
    directory = Directory(slow, runtime.seal, thresholds())
    slow.go.set()
    directory.refresh()
    slow.go.clear()
    waiting = all_begun(*[directory.look_anew] * WAITING_MAX)

    with pytest.raises(Unavailable, match="Too many"):
        directory.look_anew()

    slow.go.set()
    assert [one.get(timeout=5) for one in waiting] == [False] * WAITING_MAX
    assert directory.look_anew() is False


def test_who_comes_during_the_first_reading_waits_for_it(runtime, slow):
    directory = Directory(slow, runtime.seal, thresholds())
    first, second = all_begun(directory.contents, directory.contents)

    slow.go.set()

    assert len(first.get(timeout=5).named) == 3
    assert second.get(timeout=5) is first.get()
    assert slow.asked == 1


def test_a_reading_that_began_before_the_question_is_not_enough_to_refuse(runtime, cast, slow):
    directory = Directory(slow, runtime.seal, thresholds())
    slow.go.set()
    directory.refresh()
    slow.go.clear()
    reading, question = all_begun(directory.refresh, directory.look_anew)

    slow.go.set()

    assert question.get(timeout=5) is False
    assert reading.get(timeout=5) is None
    assert slow.asked == 3


def test_a_reading_that_fails_fails_for_all_who_share_it(runtime, slow):
    directory = Directory(slow, runtime.seal, thresholds())
    slow.is_away = True
    greenlets = all_begun(directory.contents, directory.contents)

    slow.go.set()

    for greenlet in greenlets:
        with pytest.raises(Unavailable):
            greenlet.get(timeout=5)
    assert slow.asked == 1


def test_a_reading_that_is_ended_leaves_nobody_waiting(runtime, slow):
    directory = Directory(slow, runtime.seal, thresholds())
    reading, waiting = all_begun(directory.contents, directory.contents)

    reading.kill()

    with pytest.raises(Unavailable):
        waiting.get(timeout=5)


def test_while_the_database_is_away_the_last_reading_serves_and_reading_goes_on(
    runtime, cast, slow
):
    directory = Directory(slow, runtime.seal, thresholds())
    slow.go.set()
    before = directory.contents()
    running = gevent.spawn(directory.run, 0.01)
    slow.is_away = True
    until(lambda: slow.asked >= 4)
    assert directory.contents() is before

    slow.is_away = False
    with runtime.database.session() as session:
        trackers.revoke(session, cast.fleet_id, "shore", runtime.clock())
    until(lambda: str(cast.shore_id) not in directory.contents().named)
    running.kill()


def until(question):
    with gevent.Timeout(10):
        while not question():
            gevent.sleep(0.01)


def test_a_crowd_sees_what_was_changed_before_it_asked(runtime, cast):
    directory = Directory(runtime.database, runtime.seal, thresholds())
    directory.refresh()
    with runtime.database.session() as session:
        trackers.revoke(session, cast.fleet_id, "shore", runtime.clock())

    assert at_once(directory, 3) == [True] * 3
    assert str(cast.shore_id) not in directory.contents().named
    assert directory.contents().shared == ()


def test_only_a_few_fleet_wide_trackers_are_tried_without_a_name(runtime, cast):
    with runtime.database.session() as session:
        for number in range(SHARED_MAX):
            trackers.add(session, runtime.seal, cast.fleet_id, f"shore {number}", None)

    shared = Directory(runtime.database, runtime.seal, thresholds()).contents().shared

    assert len(shared) == SHARED_MAX
    assert shared[0].id == cast.shore_id


def test_secrets_under_an_earlier_master_key_are_opened(runtime, cast):
    newer = Seal(f"{Fernet.generate_key().decode()},{master_key(runtime)}")

    contents = Directory(runtime.database, newer, thresholds()).contents()

    assert all(one.keys[0].is_readable for one in contents.named.values())


def test_without_the_right_master_key_every_tracker_is_known_but_unreadable(runtime, cast):
    contents = Directory(
        runtime.database, Seal(Fernet.generate_key().decode()), thresholds()
    ).contents()

    assert contents.unreadable == len(contents.named) == 3


def test_one_previous_secret_that_cannot_be_opened_counts_until_its_end(runtime, cast):
    with runtime.database.session() as session:
        until = runtime.clock() + timedelta(hours=1)
        trackers.rotate(session, runtime.seal, cast.fleet_id, "shore", until)
        session.execute(text("UPDATE tracker SET secret_previous = 'x' WHERE name = 'shore'"))

    shore = (
        Directory(runtime.database, runtime.seal, thresholds())
        .contents()
        .named[str(cast.shore_id)]
    )

    assert [key.is_readable for key in shore.keys] == [True, False]
    assert shore.keys[1].until_s == until.timestamp()


def test_nobody_s_keys_are_never_valid():
    assert {key.until_s for key in NOBODY.keys} == {float("-inf")}


def master_key(runtime):
    return runtime.settings.master_key.get_secret_value()
