"""Positions in a real PostgreSQL, with bystanders in the table."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from harbor.store import positions
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
