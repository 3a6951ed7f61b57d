"""Positions in a real PostgreSQL, with bystanders in the table."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import text

from harbor.store import partitions, positions
from harbor.store.positions import in_order
from tests.builders import report


@pytest.fixture
def voyage(cast, runtime):
    """Three fixes of Vinga, one of Hönö."""
    now = runtime.clock()
    first = report(
        fleet_id=cast.fleet_id,
        vessel_id=cast.vinga.id,
        tracker_id=cast.vinga.tracker_id,
        recorded_at=now,
        attributes={"rpm": 900, "note": "ü"},
    )
    return [
        first,
        replace(first, recorded_at=now - timedelta(minutes=1)),
        replace(first, recorded_at=now - timedelta(minutes=2)),
        replace(first, vessel_id=cast.hono.id, tracker_id=cast.hono.tracker_id),
    ]


def test_a_batch_is_stored_with_one_outbox_row(connection, voyage, runtime):
    batches = positions.record(connection, in_order(voyage), runtime.clock())

    assert len(batches) == 1
    assert batches[0].rows == in_order(voyage)
    waiting = (
        connection.execute(text("SELECT id FROM feed_outbox WHERE content ? 'positions'"))
        .scalars()
        .all()
    )
    assert waiting == [batches[0].outbox_id]


def test_only_what_is_new_is_reported_and_put_into_the_outbox(connection, voyage, runtime):
    positions.record(connection, in_order(voyage[:2]), runtime.clock())

    batches = positions.record(connection, in_order(voyage), runtime.clock())

    assert batches[0].rows == in_order(voyage[2:])


def test_a_batch_of_known_positions_makes_no_outbox_row(connection, voyage, runtime):
    positions.record(connection, in_order(voyage), runtime.clock())

    assert positions.record(connection, in_order(voyage), runtime.clock()) == []


def test_positions_come_back_as_they_were_stored(connection, voyage, runtime):
    positions.record(connection, in_order(voyage), runtime.clock())

    found = positions.by_keys(connection, [positions.key_of(voyage[0])])

    assert [one.report for one in found.values()] == [voyage[0]]


def test_neighbours_are_the_nearest_fixes_of_the_same_tracker_and_vessel(
    connection, voyage, cast, runtime
):
    bystanders = [
        replace(voyage[1], tracker_id=uuid4(), latitude=1.0),
        replace(voyage[1], vessel_id=cast.hono.id, latitude=2.0),
        replace(voyage[1], recorded_at=voyage[0].recorded_at + timedelta(days=32)),
    ]
    fixes = [voyage[0], voyage[2], *bystanders]
    moments = [one.recorded_at for one in fixes]
    partitions.ensure_for(connection, moments, runtime.clock(), "month")
    positions.record(connection, positions.in_order(fixes), runtime.clock())
    between, newest, oldest = (positions.key_of(voyage[index]) for index in (1, 0, 2))
    before_all = (*oldest[:2], oldest[2] - timedelta(days=1), oldest[3])

    with runtime.database.session() as session:
        found = positions.neighbours(session, [between, newest, before_all])

    times = [[fix and fix.recorded_at for fix in pair] for pair in found]
    assert times == [[oldest[2], newest[2]], [newest[2], None], [None, oldest[2]]]
    assert found[0][0].latitude == voyage[2].latitude


def test_neighbours_are_sought_in_the_partitions_around_only(connection, voyage, runtime):
    years = [voyage[0].recorded_at - timedelta(days=days) for days in (0, 200, 400)]
    partitions.ensure_for(connection, years, runtime.clock(), "month")
    key = positions.key_of(voyage[0])
    asked = dict(
        zip(("fleet_id", "vessel_id", "recorded_at", "tracker_id"), key, strict=True), number=0
    )

    plan = list(
        connection.execute(
            text(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {positions.NEIGHBOURS}"),
            {"keys": orjson.dumps([asked]).decode()},
        ).scalars()
    )

    assert any(f"on position_{years[0]:%Y_%m}" in step for step in plan)
    for moment in years[1:]:
        steps = [step for step in plan if f"on position_{moment:%Y_%m}" in step]
        assert all("never executed" in step for step in steps)
