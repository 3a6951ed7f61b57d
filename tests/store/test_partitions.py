"""Partitions by month and by day, and the change from one to the other."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from harbor.errors import Unavailable
from harbor.ingest.ledger import PostgresLedger
from harbor.ingest.writer import RowPutOff
from harbor.store import partitions
from harbor.store.database import unavailable_when_away
from harbor.store.partitions import DROP_MARK
from harbor.store.positions import in_order
from tests.builders import NOON, report

DAY = timedelta(days=1)


@pytest.fixture
def tend(connection, no_partitions):
    """Make what should be there at a moment; returns what was made."""

    def tend(now, period):
        due = partitions.missing(partitions.spans(connection), now, period)
        for span in due:
            partitions.ensure(connection, span.start_at, period)
        assert set(due) <= set(partitions.spans(connection))
        return [span.name for span in due]

    return tend


def test_this_month_and_the_next_are_made_ahead_and_only_once(tend):
    assert tend(NOON, "month") == ["position_2026_05", "position_2026_06"]
    assert tend(NOON, "month") == []
    assert tend(datetime(2026, 6, 1, tzinfo=UTC), "month") == ["position_2026_07"]


def test_the_last_evening_of_a_year_makes_next_january(tend):
    made = tend(datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "month")

    assert made == ["position_2026_12", "position_2027_01"]


def test_days_are_made_a_week_ahead(tend):
    made = tend(NOON, "day")

    assert made == [f"position_2026_05_{day:02}" for day in range(4, 12)]


def test_days_begin_where_no_month_covers(tend):
    tend(NOON, "month")

    assert tend(NOON, "day") == []
    assert tend(datetime(2026, 6, 29, tzinfo=UTC), "day") == [
        f"position_2026_07_{day:02}" for day in range(1, 7)
    ]


def test_a_month_of_which_days_exist_goes_on_by_days(tend):
    tend(datetime(2026, 5, 30, tzinfo=UTC), "day")

    made = tend(datetime(2026, 5, 30, tzinfo=UTC), "month")
    later = tend(datetime(2026, 6, 8, tzinfo=UTC), "month")

    assert made == []
    assert later == [
        "position_2026_06_08",
        "position_2026_07",
        *(f"position_2026_06_{day:02}" for day in range(9, 16)),
    ]


def test_a_moment_is_put_into_its_day_in_utc():
    east = datetime(2026, 5, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))

    assert partitions.span_of(east, "month", ()).name == "position_2026_04"
    assert partitions.span_of(east, "day", ()).name == "position_2026_04_30"


def test_many_workers_that_miss_the_same_partition_make_one(runtime, no_partitions, names):
    def make(_):
        with runtime.database.engine.begin() as own:
            partitions.ensure(own, NOON, "month")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(4)))

    assert names() == ["position_2026_05"]


@pytest.mark.parametrize(
    ("recorded_at", "name"),
    [
        (NOON, "position_2026_05_04"),
        (datetime(2020, 1, 1, tzinfo=UTC), "position_2020_01"),
        (datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC), "position_2026_04"),
    ],
)
def test_a_fix_without_a_partition_is_stored_in_one_made_for_it(
    runtime, no_partitions, names, cast, recorded_at, name
):
    ledger = PostgresLedger(runtime.database, "day")

    fix = report(fleet_id=cast.fleet_id, recorded_at=recorded_at)
    batches = ledger.record(in_order([fix]), NOON)
    ledger.close()

    assert len(batches) == 1
    assert names() == [name]


def test_an_array_over_several_days_gets_all_their_partitions(runtime, tend, names, cast):
    tend(NOON, "day")
    ledger = PostgresLedger(runtime.database, "month")

    fix = report(fleet_id=cast.fleet_id)
    fixes = [replace(fix, recorded_at=NOON - days * DAY) for days in (3, 2, 1)]
    ledger.record(in_order(fixes), NOON)
    ledger.close()

    assert names()[:3] == ["position_2026_05_01", "position_2026_05_02", "position_2026_05_03"]


def test_a_partition_that_is_being_dropped_means_come_back(connection, tend):
    tend(NOON, "month")
    connection.execute(text(f"COMMENT ON TABLE position_2026_05 IS '{DROP_MARK}'"))
    connection.execute(text("ALTER TABLE position DETACH PARTITION position_2026_05"))

    with pytest.raises(Unavailable), unavailable_when_away():
        partitions.ensure(connection, NOON, "month")


def test_a_table_in_the_way_is_named_and_left_alone_and_its_pings_are_to_come_back(
    connection, runtime, tend, caplog
):
    tend(NOON, "month")
    connection.execute(text("ALTER TABLE position DETACH PARTITION position_2026_05"))
    ledger = PostgresLedger(runtime.database, "month")

    with pytest.raises(RowPutOff):
        ledger.record(in_order([report(recorded_at=NOON)]), NOON)
    ledger.close()

    [line] = [one for one in caplog.records if "partition.in_the_way" in one.getMessage()]
    assert line.levelname == "ERROR"
    assert "position_2026_05 is no partition" in line.getMessage()


def test_a_period_that_is_none_is_refused(connection):
    with pytest.raises(Exception, match="a month or a day, not a week"):
        partitions.ensure(connection, NOON, "week")


def test_sizes_are_those_of_the_named_tables(connection, tend, sail, cast):
    tend(NOON, "month")
    sail(cast.vinga, NOON, NOON + DAY)
    connection.execute(text("ANALYZE position_2026_05"))

    found = partitions.sizes(connection, ["position_2026_05", "gone"])

    assert found["position_2026_05"].rows == 2
    assert found["position_2026_05"].bytes > 8192
    assert list(found) == ["position_2026_05"]
