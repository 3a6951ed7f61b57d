"""The maintainer: retention, one at a time, and that ingest does not wait for it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from harbor.store import newest, partitions, positions, retention, upkeep
from harbor.store.partitions import Span
from harbor.store.upkeep import AT_LEISURE, Policy, Upkeep, in_passing, one_at_a_time
from tests.builders import NOON, report

DAY = timedelta(days=1)
YEAR_KEPT = Policy("month", retention_days=365, thin_after_days=0)
pytestmark = pytest.mark.usefixtures("no_partitions", "same_clock")


@pytest.fixture
def keeper(runtime):
    return Upkeep(runtime.database, YEAR_KEPT, in_passing(0.8))


@pytest.fixture
def newest_of(runtime):
    def newest_of(hull):
        with runtime.database.session() as session:
            found = newest.of_vessel(session, hull.id)
        return found and found.report.recorded_at

    return newest_of


def deeds(found):
    return [(one.action, one.partition) for one in found if not one.problem]


def test_partitions_are_made_and_old_ones_dropped(keeper, sail, cast, names):
    sail(cast.vinga, NOON - 800 * DAY, NOON - 300 * DAY)

    found = keeper.run(NOON)

    assert deeds(found) == [
        ("make", "position_2026_05"),
        ("make", "position_2026_06"),
        ("drop", "position_2024_02"),
    ]
    assert names() == ["position_2025_07", "position_2026_05", "position_2026_06"]


def test_a_dry_run_says_the_same_with_sizes_and_changes_nothing(
    keeper, connection, sail, cast, names
):
    sail(cast.vinga, NOON - 800 * DAY, NOON - 801 * DAY)
    connection.execute(text("ANALYZE position"))

    planned = keeper.plan(NOON)
    before = names()
    done = keeper.run(NOON)

    assert before == ["position_2024_02"]
    assert deeds(planned) == deeds(done)
    assert [(one.rows, one.bytes > 8192) for one in planned if one.action == "drop"] == [
        (2, True)
    ]


@pytest.fixture
def ahead(monkeypatch):
    """Make PostgreSQL's clock behind by so much."""

    def ahead(difference):
        monkeypatch.setattr(
            upkeep, "read_clocks", lambda _, now: upkeep.Clocks(now, now - difference)
        )

    return ahead


@pytest.mark.parametrize("difference", [500 * DAY, -500 * DAY, timedelta(hours=1, seconds=1)])
def test_with_clocks_in_doubt_nothing_is_dropped_or_thinned(
    runtime, connection, sail, cast, names, ahead, caplog, difference
):
    sail(cast.vinga, *(NOON - 800 * DAY + timedelta(seconds=n) for n in range(3)))
    ahead(difference)
    keeper = Upkeep(runtime.database, Policy("month", 365, 30), AT_LEISURE)

    found = keeper.run(NOON)

    assert {action for action, _ in deeds(found)} == {"make"}
    assert names()[0] == "position_2024_02"
    assert connection.scalar(text("SELECT count(*) FROM position")) == 3
    assert "upkeep.clock_doubted" in caplog.text


def test_the_earlier_of_two_clocks_counts(keeper, sail, cast, names, ahead):
    sail(cast.vinga, NOON - 800 * DAY)
    too_old_at = partitions.end_of(NOON - 800 * DAY, "month") + 365 * DAY + retention.MARGIN
    ahead(timedelta(minutes=30))

    keeper.run(too_old_at + timedelta(minutes=29))
    early = names()
    keeper.run(too_old_at + timedelta(minutes=30))

    assert "position_2024_02" in early
    assert "position_2024_02" not in names()


def test_postgresqls_own_clock_is_asked(runtime, monkeypatch):
    monkeypatch.undo()

    clocks = Upkeep(runtime.database, YEAR_KEPT, AT_LEISURE).clocks(runtime.clock())

    assert abs(clocks.database_at - runtime.clock()) < timedelta(minutes=1)


def test_a_clock_that_was_ahead_does_not_keep_the_maintainer_from_work(keeper):
    keeper.run_when_due(NOON + 500 * DAY)

    assert keeper._is_due(NOON)


def test_partitions_are_made_though_the_rest_fails(keeper, monkeypatch, names):
    def fail(*_):
        raise ProgrammingError("SELECT 1", {}, Exception("permission denied"))

    monkeypatch.setattr(retention, "left_over", fail)

    with pytest.raises(ProgrammingError):
        keeper.run(NOON)

    assert names() == ["position_2026_05", "position_2026_06"]


def test_nothing_is_dropped_unless_it_is_asked_for(runtime, sail, cast, names):
    sail(cast.vinga, NOON - 2000 * DAY)
    keeper = Upkeep(runtime.database, Policy("month", 0, 0), AT_LEISURE)

    keeper.run(NOON)

    assert names()[0] == "position_2020_11"


def test_a_partition_goes_only_when_its_youngest_fix_would_be_refused():
    month = Span("m", NOON - 60 * DAY, NOON - 30 * DAY)

    assert retention.expired([month], NOON, 30) == []
    assert retention.expired([month], NOON + timedelta(hours=1), 30) == [month]


def test_a_vessel_whose_only_position_is_dropped_stays_where_it_was_heard_of(
    keeper, sail, cast, newest_of
):
    sail(cast.hono, NOON - 801 * DAY, NOON - 800 * DAY)
    sail(cast.vinga, NOON - 800 * DAY, NOON)

    keeper.run(NOON)

    assert newest_of(cast.hono) == NOON - 800 * DAY
    assert newest_of(cast.vinga) == NOON


def test_only_silent_vessels_that_are_in_use_are_kept(keeper, connection, sail, cast):
    sail(cast.hono, NOON - 800 * DAY)
    sail(cast.vinga, NOON - 800 * DAY, NOON - 500 * DAY, NOON)
    connection.execute(
        text("UPDATE vessel SET retired_at = now() WHERE id = :id"), {"id": cast.hono.id}
    )

    keeper.run(NOON)

    assert connection.scalars(text("SELECT vessel_id FROM last_position")).all() == []


def test_of_several_dropped_partitions_the_newest_fix_is_kept(
    keeper, connection, sail, cast, newest_of
):
    [_, last] = sail(cast.hono, NOON - 800 * DAY, NOON - 600 * DAY, latitude=57.1)

    keeper.run(NOON)

    assert newest_of(cast.hono) == last.recorded_at
    assert connection.scalar(text("SELECT latitude FROM last_position")) == 57.1


def test_what_was_kept_goes_when_the_vessel_was_heard_of_again(keeper, connection, sail, cast):
    sail(cast.hono, NOON - 800 * DAY)
    keeper.run(NOON)
    sail(cast.vinga, NOON - 500 * DAY)
    sail(cast.hono, NOON)

    keeper.run(NOON)

    kept = connection.scalars(text("SELECT vessel_id FROM last_position")).all()
    assert kept == [cast.vinga.id]


@pytest.fixture
def long_reader(runtime):
    """Somebody whose transaction reads positions and does not end, as pg_dump does."""
    with runtime.database.engine.connect() as reader:
        yield reader


def test_a_drop_that_cannot_end_is_put_off_and_holds_up_nobody(
    keeper, connection, sail, cast, long_reader, names
):
    sail(cast.vinga, NOON - 800 * DAY)
    long_reader.execute(text("SELECT count(*) FROM position"))

    put_off = [one for one in keeper.run(NOON) if one.problem]
    connection.execute(text("SET lock_timeout = '100ms'"))
    sail(cast.vinga, NOON)
    still_read = long_reader.scalar(text("SELECT count(*) FROM position"))
    long_reader.rollback()
    done = keeper.run(NOON)

    assert [(one.action, one.partition) for one in put_off] == [("drop", "position_2024_02")]
    assert still_read >= 1
    assert deeds(done) == [("drop", "position_2024_02")]
    assert names() == ["position_2026_05", "position_2026_06"]


def test_a_lock_that_is_held_on_the_partition_puts_only_its_drop_off(
    keeper, sail, cast, long_reader
):
    sail(cast.vinga, NOON - 900 * DAY, NOON - 800 * DAY)
    long_reader.execute(text("LOCK TABLE position_2023_11 IN ACCESS EXCLUSIVE MODE"))

    found = keeper.run(NOON)

    assert deeds(found)[-1] == ("drop", "position_2024_02")
    assert [one.partition for one in found if one.problem] == ["position_2023_11"]


def test_a_run_that_was_interrupted_before_the_drop_is_ended_by_the_next(
    keeper, connection, sail, cast
):
    sail(cast.vinga, NOON - 800 * DAY)
    retention.mark(connection, "position_2024_02")
    connection.execute(text("ALTER TABLE position DETACH PARTITION position_2024_02"))

    keeper.run(NOON)

    assert connection.scalar(text("SELECT to_regclass('position_2024_02')")) is None


def test_a_table_that_somebody_detached_himself_is_left_alone(keeper, connection, sail, cast):
    sail(cast.vinga, NOON - 800 * DAY)
    connection.execute(text("ALTER TABLE position DETACH PARTITION position_2024_02"))

    keeper.run(NOON)

    assert connection.scalar(text("SELECT count(*) FROM position_2024_02")) == 1


def test_a_mark_is_taken_back_when_retention_was_made_longer(
    runtime, keeper, connection, sail, cast
):
    sail(cast.vinga, NOON - 800 * DAY)
    retention.mark(connection, "position_2024_02")
    patient = Upkeep(runtime.database, replace(YEAR_KEPT, retention_days=900), AT_LEISURE)

    found = patient.run(NOON)

    assert deeds(found)[-1] == ("keep", "position_2024_02")
    assert [span.is_marked for span in partitions.spans(connection)] == [False] * 3


@pytest.mark.parametrize("days", [0, 900])
def test_a_detached_month_comes_back_when_retention_was_made_longer(
    runtime, connection, sail, cast, names, days
):
    sail(cast.vinga, NOON - 800 * DAY)
    retention.mark(connection, "position_2024_02")
    connection.execute(text("ALTER TABLE position DETACH PARTITION position_2024_02"))
    patient = Upkeep(runtime.database, replace(YEAR_KEPT, retention_days=days), AT_LEISURE)

    found = patient.run(NOON)

    assert deeds(found)[-1] == ("keep", "position_2024_02")
    assert_it_is_whole(connection, runtime, names)


@pytest.mark.parametrize("days", [0, 900])
def test_a_month_that_is_leaving_stays_when_retention_was_made_longer(
    runtime, keeper, connection, sail, cast, long_reader, names, days
):
    sail(cast.vinga, NOON - 800 * DAY)
    long_reader.execute(text("SELECT count(*) FROM position"))
    keeper.run(NOON)
    long_reader.rollback()
    was_leaving = partitions.spans(connection)[0].is_leaving
    patient = Upkeep(runtime.database, replace(YEAR_KEPT, retention_days=days), AT_LEISURE)

    found = patient.run(NOON)

    assert was_leaving
    assert deeds(found) == [("keep", "position_2024_02")]
    assert_it_is_whole(connection, runtime, names)


def assert_it_is_whole(connection, runtime, names):
    """The month of 2024 is a partition with its row, without a mark, and can go again."""
    assert connection.scalar(text("SELECT count(*) FROM position")) == 1
    assert not partitions.spans(connection)[0].is_marked
    Upkeep(runtime.database, YEAR_KEPT, AT_LEISURE).run(NOON)
    assert names() == ["position_2026_05", "position_2026_06"]


def test_a_month_that_somebody_detaches_himself_is_not_taken_back(
    keeper, connection, sail, cast, long_reader
):
    sail(cast.vinga, NOON - 800 * DAY)
    long_reader.execute(text("SELECT count(*) FROM position"))
    keeper.run(NOON)
    long_reader.rollback()
    retention.unmark(connection, "position_2024_02")
    keeper._policy = replace(YEAR_KEPT, retention_days=0)

    keeper.run(NOON)

    assert partitions.spans(connection)[0].is_leaving


def test_a_second_maintainer_goes_on_at_once(keeper, connection):
    with one_at_a_time(connection) as is_mine:
        second = keeper.run(NOON)

    assert (is_mine, second) == (True, None)
    assert keeper.run(NOON) is not None


def test_the_connection_comes_back_with_the_time_outs_it_had(keeper, runtime):
    keeper.run(NOON)

    with runtime.database.session() as session:
        shown = [
            session.scalar(text(f"SHOW {name}"))
            for name in ("statement_timeout", "lock_timeout")
        ]
    assert shown == ["5s", "1s"]


def test_a_worker_looks_hourly_and_at_once_when_a_period_begins(keeper, names):
    keeper.run_when_due(NOON)
    first = names()
    keeper._policy = Policy("day", 0, 0)
    keeper.run_when_due(NOON + timedelta(minutes=59))
    same_day = names()
    keeper.run_when_due(NOON + 57 * DAY)

    assert first == same_day == ["position_2026_05", "position_2026_06"]
    assert names()[-1] == "position_2026_07_07"


def test_a_new_month_is_made_ahead_at_its_first_chore(keeper, names):
    end_of_may = partitions.end_of(NOON, "month")
    keeper.run_when_due(end_of_may - timedelta(minutes=1))

    keeper.run_when_due(end_of_may)

    assert names() == ["position_2026_05", "position_2026_06", "position_2026_07"]


def test_other_fleets_and_strangers_positions_are_dropped_with_the_rest(
    keeper, connection, stranger
):
    partitions.ensure(connection, NOON - 800 * DAY, "month")
    other = report(fleet_id=stranger, vessel_id=uuid4(), recorded_at=NOON - 800 * DAY)
    positions.record(connection, positions.in_order([other]), NOON)

    keeper.run(NOON)

    assert connection.scalar(text("SELECT count(*) FROM position")) == 0
