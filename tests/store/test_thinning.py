"""Thinning: what is kept, in which order, and that it goes on where it stopped."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from harbor.store import newest, partitions, positions, thinning
from harbor.store.upkeep import AT_LEISURE, Haste, Policy, Upkeep
from tests.builders import NOON

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
OLD = NOON - 40 * DAY
A_MONTH_WHOLE = Policy("month", retention_days=0, thin_after_days=30)
pytestmark = pytest.mark.usefixtures("no_partitions", "same_clock")


@pytest.fixture
def thinner(runtime):
    return Upkeep(runtime.database, A_MONTH_WHOLE, AT_LEISURE)


@pytest.fixture
def moments(connection):
    """The fixes that are left of a hull, by time."""

    def moments(hull):
        return list(
            connection.scalars(
                text("SELECT recorded_at FROM position WHERE vessel_id = :id ORDER BY 1"),
                {"id": hull.id},
            )
        )

    return moments


def thinned(found):
    return [(one.partition, one.rows) for one in found if one.action == "thin"]


def test_the_first_fix_of_each_minute_is_kept_and_the_last_of_six_hours(
    thinner, sail, cast, moments
):
    fixes = [OLD + seconds * SECOND for seconds in (5, 25, 45, 65, 85, 105)]
    sail(cast.vinga, *fixes)

    found = thinner.run(NOON)

    assert thinned(found) == [("position_2026_03", 3)]
    assert moments(cast.vinga) == [fixes[0], fixes[3], fixes[5]]


def test_each_tracker_keeps_its_own_first(thinner, sail, cast, moments):
    sail(cast.vinga, OLD, OLD + 20 * SECOND, OLD + MINUTE)
    sail(cast.vinga, OLD + 10 * SECOND, OLD + 30 * SECOND, tracker_id=cast.shore_id)

    thinner.run(NOON)

    assert moments(cast.vinga) == [OLD, OLD + 10 * SECOND, OLD + MINUTE]


def test_young_fixes_and_other_vessels_are_left_as_they_are(thinner, sail, cast, moments):
    young = [NOON - 30 * DAY + seconds * SECOND for seconds in (0, 10, 20)]
    sail(cast.vinga, OLD, OLD + SECOND, OLD + 2 * SECOND, *young)
    sail(cast.hono, OLD, OLD + 3 * SECOND)

    thinner.run(NOON)

    assert moments(cast.vinga) == [OLD, OLD + 2 * SECOND, *young]
    assert moments(cast.hono) == [OLD, OLD + 3 * SECOND]


def test_the_newest_of_a_silent_vessel_does_not_move_back(thinner, sail, cast, runtime):
    sail(cast.vinga, OLD, OLD + 50 * SECOND)

    thinner.run(NOON)

    with runtime.database.session() as session:
        found = newest.of_vessel(session, cast.vinga.id)
    assert found.report.recorded_at == OLD + 50 * SECOND


def test_a_dry_run_says_what_would_be_looked_at_and_thins_nothing(
    thinner, connection, sail, cast, moments
):
    sail(cast.vinga, *(OLD + n * SECOND for n in range(31)))
    connection.execute(text("ANALYZE position"))

    found = thinner.plan(NOON)

    assert thinned(found) == [("position_2026_03", 31)]
    assert len(moments(cast.vinga)) == 31


def test_without_the_setting_nothing_is_thinned(runtime, sail, cast, moments):
    sail(cast.vinga, OLD, OLD + SECOND, OLD + 2 * SECOND)

    Upkeep(runtime.database, Policy("month", 0, 0), AT_LEISURE).run(NOON)

    assert len(moments(cast.vinga)) == 3


def test_a_run_without_time_leaves_the_rest_to_the_next_one(runtime, sail, cast, moments):
    sail(cast.vinga, OLD, OLD + SECOND, OLD + 2 * SECOND)
    hurried = Upkeep(runtime.database, A_MONTH_WHOLE, Haste(5000, 1000, 0.0, 1.0))

    hurried.run_when_due(NOON)
    left = len(moments(cast.vinga))
    hurried._haste = AT_LEISURE
    hurried.run_when_due(NOON + SECOND)

    assert (left, len(moments(cast.vinga))) == (3, 2)


def test_a_stopped_run_is_gone_on_with_behind_the_vessel_it_came_to(
    connection, thinner, sail, cast, moments
):
    sail(cast.vinga, OLD, OLD + SECOND, OLD + 2 * SECOND)
    sail(cast.hono, OLD, OLD + SECOND, OLD + 2 * SECOND)
    first = min(cast.vinga, cast.hono, key=lambda hull: hull.id)
    second = cast.hono if first is cast.vinga else cast.vinga
    connection.execute(
        text("INSERT INTO thinned_partition VALUES ('position_2026_03', :at, :id, 6, :at)"),
        {"at": OLD, "id": first.id},
    )

    thinner.run(NOON)

    assert (len(moments(first)), len(moments(second))) == (3, 2)


def test_what_was_done_is_not_done_again_until_late_fixes_come(
    connection, thinner, sail, cast, moments
):
    sail(cast.vinga, OLD, OLD + SECOND, OLD + 2 * SECOND)
    flush(connection)
    thinner.run(NOON)

    idle = thinner.run(NOON)
    sail(cast.hono, OLD, OLD + SECOND, OLD + 2 * SECOND)
    flush(connection)
    same_day = thinner.run(NOON + DAY - SECOND)
    again = thinner.run(NOON + DAY)

    assert thinned(idle) == thinned(same_day) == []
    assert thinned(again) == [("position_2026_03", 1)]
    assert len(moments(cast.hono)) == 2


def flush(connection):
    """PostgreSQL counts insertions a moment later unless it is asked."""
    connection.execute(text("SELECT pg_stat_force_next_flush()"))
    connection.execute(text("SELECT 1"))


def test_vessels_without_a_fix_there_cost_no_step(connection, sail, cast):
    sail(cast.vinga, OLD, OLD + SECOND, OLD + 2 * SECOND)
    sail(cast.hono, NOON)
    [stretch] = thinning.stretches(connection, partitions.spans(connection), NOON, 30)

    steps = 0
    while not stretch.is_done:
        stretch, _ = thinning.step(connection, stretch)
        steps += 1

    assert steps == 31 * 4 + 1


def test_a_partition_that_is_only_partly_old_is_thinned_up_to_that_day(
    thinner, sail, cast, moments
):
    edge = partitions.start_of(NOON - 30 * DAY, "day")
    sail(cast.vinga, *(edge - MINUTE + n * SECOND for n in range(3)), edge, edge + SECOND)

    thinner.run(NOON)
    once = moments(cast.vinga)
    thinner.run(NOON + DAY)

    assert once == [edge - MINUTE, edge - MINUTE + 2 * SECOND, edge, edge + SECOND]
    assert moments(cast.vinga) == once


def test_a_fix_that_was_thinned_away_and_comes_again_is_taken(thinner, connection, sail, cast):
    [_, middle, _] = sail(cast.vinga, OLD, OLD + SECOND, OLD + 2 * SECOND)
    thinner.run(NOON)

    batches = positions.record(connection, positions.in_order([middle]), NOON)

    assert len(batches) == 1
