"""Batches that no worker published, in real servers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from harbor.errors import Unavailable
from harbor.store import positions, trackers, vessels
from tests.builders import report


@pytest.fixture
def leave_behind(cast, runtime):
    """Commit positions as a worker that crashed before publishing them."""

    def commit(count: int = 1):
        now = runtime.clock()
        first = report(
            fleet_id=cast.fleet_id,
            vessel_id=cast.vinga.id,
            tracker_id=cast.vinga.tracker_id,
            recorded_at=now,
        )
        reports = [replace(first, recorded_at=now - timedelta(seconds=n)) for n in range(count)]
        with runtime.database.engine.connect() as connection:
            positions.record(
                connection.execution_options(isolation_level="AUTOCOMMIT"),
                positions.in_order(reports),
                now,
            )
        make_old(runtime)
        return reports

    return commit


def make_old(runtime):
    with runtime.database.session() as session:
        session.execute(text("UPDATE feed_outbox SET created_at = now() - interval '1 hour'"))


def waiting(runtime) -> int:
    with runtime.database.session() as session:
        return session.execute(text("SELECT count(*) FROM feed_outbox")).scalar_one()


def told(runtime, cast):
    feed = runtime.feed(cast.fleet_id)
    return feed.since(feed.head().epoch, 0).events


def test_what_was_left_behind_is_published_once_and_leaves_the_outbox(
    leave_behind, runtime, cast
):
    make_old(runtime)
    runtime.sweeper.sweep_all()
    before = len(told(runtime, cast))
    leave_behind(3)

    runtime.sweeper.sweep_all()
    runtime.sweeper.sweep_all()

    assert len(told(runtime, cast)) - before == 3
    assert waiting(runtime) == 0


def test_a_batch_that_was_published_before_the_crash_is_not_told_again(
    leave_behind, runtime, cast
):
    make_old(runtime)
    runtime.sweeper.sweep_all()
    leave_behind()
    with runtime.database.session() as session:
        batch_id = session.execute(text("SELECT id FROM feed_outbox")).scalar_one()
    runtime.feed(cast.fleet_id).publish(batch_id, [])

    runtime.sweeper.sweep_all()

    assert not [one for one in told(runtime, cast) if one.kind == b"position"]
    assert waiting(runtime) == 0


def test_what_waits_stays_while_valkey_is_away(leave_behind, runtime, valkey):
    leave_behind()
    before = waiting(runtime)
    valkey.kill()
    try:
        with pytest.raises(Unavailable):
            runtime.sweeper.sweep_all()
    finally:
        valkey.restart()

    assert waiting(runtime) == before


def test_renamed_and_removed_vessels_are_told(runtime, cast):
    with runtime.database.session() as session:
        vessels.rename(session, cast.fleet_id, "Vinga", "Vinga II")
        vessels.retire(session, cast.fleet_id, "Hönö", runtime.clock())
    make_old(runtime)

    runtime.sweeper.sweep_all()

    features = [one.placed.feature for one in told(runtime, cast)]
    assert any(
        b"Vinga II" in feature and b'"change":"renamed"' in feature for feature in features
    )
    assert any(b'"change":"removed"' in feature for feature in features)


def test_a_sweep_takes_many_batches_that_wait(leave_behind, runtime, cast):
    make_old(runtime)
    runtime.sweeper.sweep_all()
    before = len(told(runtime, cast))
    for _ in range(5):
        leave_behind()

    assert runtime.sweeper.sweep() == 5

    assert len(told(runtime, cast)) - before == 5
    assert waiting(runtime) == 0


def test_a_large_backlog_is_swept_batch_by_batch(leave_behind, runtime, cast):
    for _ in range(3):
        leave_behind(1000)

    runtime.sweeper.sweep_all()

    assert waiting(runtime) == 0


def test_a_tracker_that_was_made_to_count_less_gives_way_in_the_feed(
    leave_behind, runtime, cast
):
    """Until its patience was over nobody would have moved the vessel on the map."""

    def change(tracker_id, precedence):
        with runtime.database.session() as session:
            trackers.change_standing(
                session, cast.fleet_id, str(tracker_id), precedence, patience_s=600_000
            )

    change(cast.shore_id, 30)
    [first] = leave_behind()
    runtime.sweeper.sweep_all()
    ashore = replace(
        first, tracker_id=cast.shore_id, recorded_at=first.recorded_at + timedelta(seconds=1)
    )

    change(cast.vinga.tracker_id, 40)
    make_old(runtime)
    runtime.sweeper.sweep_all()
    with runtime.database.session() as session:
        rows = positions.in_order([ashore])
        positions.record(session.connection(), rows, ashore.recorded_at)
    make_old(runtime)
    runtime.sweeper.sweep_all()

    assert told(runtime, cast)[-1].kind == b"position"
