"""Neighbours in time in a real PostgreSQL, with bystanders in the table."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from harbor.store import neighbours, partitions, positions
from tests.builders import report


@pytest.fixture
def voyage(cast, runtime):
    """Three fixes of Vinga, a minute apart, the newest first."""
    now = runtime.clock()
    newest = report(
        fleet_id=cast.fleet_id,
        vessel_id=cast.vinga.id,
        tracker_id=cast.vinga.tracker_id,
        recorded_at=now,
    )
    return [
        replace(newest, recorded_at=now - timedelta(minutes=minutes)) for minutes in range(3)
    ]


def test_neighbours_are_the_nearest_fixes_of_the_same_tracker_and_vessel(
    connection, voyage, cast, runtime
):
    bystanders = [
        replace(voyage[1], tracker_id=uuid4(), latitude=1.0),
        replace(voyage[1], vessel_id=cast.hono.id, latitude=2.0),
        replace(voyage[1], recorded_at=voyage[0].recorded_at + timedelta(days=32)),
    ]
    fixes = [voyage[0], voyage[2], *bystanders]
    for one in fixes:
        partitions.ensure(connection, one.recorded_at, "month")
    positions.record(connection, positions.in_order(fixes), runtime.clock())
    between, newest, oldest = (positions.key_of(voyage[index]) for index in (1, 0, 2))
    before_all = (*oldest[:2], oldest[2] - timedelta(days=1), oldest[3])

    with runtime.database.session() as session:
        found = neighbours.around(session, [between, newest, before_all])

    times = [[fix and fix.recorded_at for fix in pair] for pair in found]
    assert times == [[oldest[2], newest[2]], [newest[2], None], [None, oldest[2]]]
    assert found[0][0].latitude == voyage[2].latitude


def test_neighbours_are_sought_in_the_partitions_around_only(connection, voyage, runtime):
    years = [voyage[0].recorded_at - timedelta(days=days) for days in (0, 200, 400)]
    for moment in years:
        partitions.ensure(connection, moment, "month")

    plan = list(
        connection.execute(
            text(f"EXPLAIN (COSTS OFF) {neighbours.NEIGHBOURS}"),
            neighbours.question([positions.key_of(voyage[0])]),
        ).scalars()
    )

    assert any(f"on position_{years[0]:%Y_%m}" in step for step in plan)
    for moment in years[1:]:
        assert not any(f"on position_{moment:%Y_%m}" in step for step in plan)


def test_an_old_fix_locks_no_partition_between_it_and_a_new_one(connection, voyage, runtime):
    times = [voyage[0].recorded_at - timedelta(days=days) for days in (0, 200, 400)]
    for moment in times:
        partitions.ensure(connection, moment, "month")
    old = replace(voyage[0], recorded_at=times[2])
    positions.record(connection, positions.in_order([old]), runtime.clock())
    new_key, old_key = positions.key_of(voyage[0]), positions.key_of(old)

    with runtime.database.session() as session:
        found = neighbours.around(session, [new_key, old_key, new_key])
        locked = set(
            session.scalars(
                text("""
                SELECT c.relname FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
                WHERE l.pid = pg_backend_pid() AND c.relname LIKE 'position%'
                """)
            )
        )

    assert [before and before.recorded_at for before, _ in found] == [None, times[2], None]
    assert f"position_{times[2]:%Y_%m}" in locked
    assert f"position_{times[1]:%Y_%m}" not in locked


def test_a_walk_past_the_fixes_of_other_trackers_ends(connection, voyage, runtime, monkeypatch):
    monkeypatch.setattr(neighbours, "ROWS_WALKED_MIN", 2)
    monkeypatch.setattr(neighbours, "ROWS_WALKED_MAX", 9)
    asked, own = voyage[0], voyage[2]
    moments = [own.recorded_at + timedelta(seconds=n + 1) for n in range(3)]
    siblings = [replace(own, tracker_id=uuid4(), recorded_at=moment) for moment in moments]
    positions.record(connection, positions.in_order([own, *siblings]), runtime.clock())
    key = positions.key_of(asked)
    keys = [(*key[:2], asked.recorded_at + timedelta(seconds=n), key[3]) for n in range(5)]

    with runtime.database.session() as session:
        [alone] = neighbours.around(session, [key])
        crowd = neighbours.around(session, keys)

    assert alone[0] is not None
    assert crowd == [(None, None)] * 5
