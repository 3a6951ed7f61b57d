"""Plans touch only the partitions they must: EXPLAIN says which.

A partition that was pruned when the query was planned is not in the plan at all: it is
neither read nor locked. What was pruned while it ran is there and was never executed.
"""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import text

from harbor.store import alerts, history, newest, partitions, positions, tracks, trails
from tests.builders import NOON

DAY = timedelta(days=1)
MONTHS = 24
pytestmark = pytest.mark.usefixtures("no_partitions")


@pytest.fixture
def fixes(connection, sail, cast):
    """Two vessels with a fix every tenth day of two years; `fixes[0]` is the newest."""
    moments = [NOON - days * DAY for days in range(0, 30 * MONTHS, 10)]
    found = sail(cast.vinga, *moments)
    sail(cast.hono, *moments)
    partitions.ensure(connection, NOON + 30 * DAY, "month")
    connection.execute(text("ANALYZE position"))
    return found[::-1]


@pytest.fixture
def touched(connection):
    """Names of partitions in the plan of a query, and of those that were executed."""

    # Tables of a few rows would be read whole, whatever the index.
    connection.execute(text("SET enable_seqscan = off; SET enable_bitmapscan = off"))

    def touched(query, asked):
        explained = connection.scalar(
            text(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}"), asked
        )
        found = list(scans(explained[0]["Plan"]))
        planned = {name for name, _ in found}
        return planned, {name for name, loops in found if loops}

    yield touched
    connection.execute(text("RESET ALL"))


def scans(plan):
    """Every scan of a partition: its name, and how often it ran."""
    name = plan.get("Relation Name", "")
    if name.startswith("position_"):
        yield name, plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from scans(part)


def months(*moments):
    return {f"position_{moment:%Y_%m}" for moment in moments}


def test_the_newest_is_read_in_the_newest_partitions_alone(connection, fixes, cast, touched):
    [youngest, *_] = newest.windows(partitions.spans(connection))
    asked = {
        "vessel_ids": [str(cast.vinga.id), str(cast.hono.id)],
        "start_at": youngest[0],
        "end_at": youngest[1],
    }

    planned, run = touched(newest.NEWEST_WITHIN, asked)

    assert planned == months(NOON + 30 * DAY, NOON, NOON - 30 * DAY)
    assert run == months(NOON + 30 * DAY, NOON)


def test_a_days_track_is_read_in_its_partition_alone(fixes, cast, touched):
    asked = {
        "fleet_id": cast.fleet_id,
        "vessel_id": cast.vinga.id,
        "start_at": NOON - 101 * DAY,
        "end_at": NOON - 100 * DAY,
        "after_at": NOON - 101 * DAY,
        "after_tracker_id": tracks.NOBODY,
        "limit": 1001,
    }

    planned, _ = touched(tracks.TRACK, asked)

    assert planned == months(NOON - 101 * DAY)


@pytest.mark.parametrize(
    "query",
    [
        *(history.SLICE, history.BEFORE, history.ACTIVITY),
        *(history.SLICE_SPOKEN, history.BEFORE_SPOKEN),
    ],
)
def test_a_replay_reads_the_partition_of_its_time_alone(fixes, cast, touched, query):
    asked = {
        "fleet_id": cast.fleet_id,
        "vessel_ids": [str(cast.vinga.id), str(cast.hono.id)],
        "start_at": NOON - 101 * DAY,
        "end_at": NOON - 100 * DAY,
        "step_ms": 30_000,
        "with_turns": True,
        "sharp_degrees": history.SHARP_DEGREES,
        "moving_knots": history.MOVING_KNOTS,
        "buckets": 10,
        "wide": DAY / 10,
        "first": -1,
        "best": 10,
        "second": 30,
        "look_back": timedelta(minutes=12),
        "back_at": NOON - 101 * DAY - timedelta(minutes=12),
    }

    planned, _ = touched(query, asked)

    assert planned == months(NOON - 101 * DAY)


@pytest.mark.parametrize("is_by_tracker", [False, True])
def test_trails_are_read_in_their_partition_alone_and_by_the_key(
    fixes, cast, touched, is_by_tracker
):
    asked = {
        "fleet_id": cast.fleet_id,
        "vessel_id": None,
        "start_at": NOON - timedelta(minutes=30),
        "end_at": NOON,
        "step": "8 seconds",
        "steps": 225,
        "after": str(trails.NOBODY),
        "at_once": 35,
        "is_by_tracker": is_by_tracker,
    }

    planned, run = touched(trails.TRAILS, asked)

    assert planned == run == months(NOON)


@pytest.mark.parametrize("count", [1, 12])
def test_keys_are_looked_up_in_the_partitions_between_them_alone(fixes, touched, count):
    keys = [positions.key_of(one) for one in fixes[6 : 6 + count]]
    names = ("fleet_id", "vessel_id", "recorded_at", "tracker_id")
    asked = {
        "keys": orjson.dumps([dict(zip(names, key, strict=True)) for key in keys]).decode(),
        "first_at": keys[-1][2],
        "last_at": keys[0][2],
    }

    planned, _ = touched(positions.BY_KEYS.text, asked)

    assert planned == months(*(one.recorded_at for one in fixes[6 : 6 + count]))


def test_a_duplicate_is_found_in_its_own_partition_alone(connection, fixes, touched):
    """INSERT names no partition in its plan, so PostgreSQL's own counters say it."""
    before = used(connection)

    assert positions.record(connection, positions.in_order([fixes[7]]), NOON) == []

    looked_into = {name for name, _ in used(connection) - before}
    assert looked_into == months(fixes[7].recorded_at)


def used(connection):
    """Partitions whose key was looked into, each with how often."""
    connection.execute(text("SELECT pg_stat_force_next_flush()"))
    rows = connection.execute(
        text("""
        SELECT relname, idx_scan FROM pg_stat_user_tables WHERE relname LIKE 'position\\_%'
        """)
    )
    return {(row.relname, row.idx_scan) for row in rows}


def test_thousands_of_days_are_never_planned_at_once(connection, cast, touched):
    for days in range(60):
        partitions.ensure(connection, NOON - days * DAY, "day")
    [youngest, *_] = newest.windows(partitions.spans(connection))
    asked = {
        "vessel_ids": [str(cast.vinga.id)],
        "start_at": youngest[0],
        "end_at": youngest[1],
    }

    planned, _ = touched(newest.NEWEST_WITHIN, asked)

    assert planned == {f"position_{NOON - days * DAY:%Y_%m_%d}" for days in range(3)}


@pytest.mark.parametrize("query", [alerts.HERS_REPEATED, alerts.NOBODYS_REPEATED])
def test_whether_an_alert_repeats_another_is_asked_of_that_minute_alone(
    connection, cast, touched, query
):
    """The fleet's other alerts wait meanwhile; a beacon leaves thousands in a day."""
    asked = {
        "fleet_id": cast.fleet_id,
        "vessel_id": cast.vinga.id,
        "kind": "sos",
        "recorded_at": NOON,
        "repeated": alerts.REPEATED,
        "is_over": False,
        "text": "",
    }

    plan = connection.scalars(text(f"EXPLAIN {query}"), asked).all()

    [served] = [line for line in plan if "Index Cond" in line]
    assert "vessel_id" in served
    assert "recorded_at" in served
