"""What workers know of trackers: how soon, and at which cost in readings."""

from datetime import timedelta

import gevent
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, text

from harbor.errors import Unavailable
from harbor.ingest.directory import NOBODY, SHARED_MAX, WAITING_MAX, Directory
from harbor.store import trackers
from harbor.store.trackers import Seal


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
    directory = Directory(runtime.database, runtime.seal)
    directory.refresh()
    readings.clear()

    assert at_once(directory, WAITING_MAX) == [False] * WAITING_MAX
    assert len(readings) == 1


def test_who_comes_when_too_many_wait_is_told_to_come_back(runtime, cast):
    directory = Directory(runtime.database, runtime.seal)
    directory.refresh()

    answers = at_once(directory, WAITING_MAX + 5)

    assert [isinstance(one, str) for one in answers].count(True) == 5
    assert directory.look_anew() is False


def test_a_crowd_learns_together_that_the_database_is_away(runtime, cast, postgres, readings):
    directory = Directory(runtime.database, runtime.seal)
    directory.refresh()
    postgres.kill()
    try:
        answers = at_once(directory, 20)
    finally:
        postgres.restart()

    assert all("away" in str(one) for one in answers)
    assert directory.contents().named


def test_a_crowd_sees_what_was_changed_before_it_asked(runtime, cast):
    directory = Directory(runtime.database, runtime.seal)
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

    shared = Directory(runtime.database, runtime.seal).contents().shared

    assert len(shared) == SHARED_MAX
    assert shared[0].id == cast.shore_id


def test_secrets_under_an_earlier_master_key_are_opened(runtime, cast):
    newer = Seal(f"{Fernet.generate_key().decode()},{master_key(runtime)}")

    contents = Directory(runtime.database, newer).contents()

    assert all(one.keys[0].is_readable for one in contents.named.values())


def test_without_the_right_master_key_every_tracker_is_known_but_unreadable(runtime, cast):
    contents = Directory(runtime.database, Seal(Fernet.generate_key().decode())).contents()

    assert contents.unreadable == len(contents.named) == 3


def test_one_previous_secret_that_cannot_be_opened_counts_until_its_end(runtime, cast):
    with runtime.database.session() as session:
        until = runtime.clock() + timedelta(hours=1)
        trackers.rotate(session, runtime.seal, cast.fleet_id, "shore", until)
        session.execute(text("UPDATE tracker SET secret_previous = 'x' WHERE name = 'shore'"))

    shore = Directory(runtime.database, runtime.seal).contents().named[str(cast.shore_id)]

    assert [key.is_readable for key in shore.keys] == [True, False]
    assert shore.keys[1].until_s == until.timestamp()


def test_nobody_s_keys_are_never_valid():
    assert {key.until_s for key in NOBODY.keys} == {float("-inf")}


def master_key(runtime):
    return runtime.settings.master_key.get_secret_value()
