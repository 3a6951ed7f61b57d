"""The newest position per vessel, over many partitions and after retention."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from harbor.store import newest, partitions, positions, trackers
from harbor.store.newest import BEGINNING_OF_TIME, END_OF_TIME, windows
from tests.builders import NOON, report

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("no_partitions")


@pytest.fixture
def of_fleet(runtime, cast):
    def of_fleet():
        with runtime.database.session() as session:
            found = newest.of_fleet(session, cast.fleet_id)
        return {one.report.vessel_id: one.report.recorded_at for one in found}

    return of_fleet


def test_the_newest_is_one_per_vessel_of_this_fleet(connection, sail, cast, of_fleet, stranger):
    [_, vinga] = sail(cast.vinga, NOON - DAY, NOON)
    sail(cast.hono, NOON - 2 * DAY)
    other = replace(vinga, fleet_id=stranger, vessel_id=uuid4(), recorded_at=NOON + DAY)
    positions.record(connection, positions.in_order([other]), NOON)

    assert of_fleet() == {cast.vinga.id: NOON, cast.hono.id: NOON - 2 * DAY}


def test_a_vessel_silent_for_years_is_found_behind_many_partitions(
    connection, sail, cast, of_fleet
):
    for days in range(40):
        partitions.ensure(connection, NOON - days * DAY, "day")
    sail(cast.vinga, NOON)
    sail(cast.hono, NOON - 2000 * DAY)

    assert of_fleet() == {cast.vinga.id: NOON, cast.hono.id: NOON - 2000 * DAY}


def test_what_retention_kept_counts_only_without_anything_newer(
    connection, sail, cast, of_fleet
):
    kept = report(fleet_id=cast.fleet_id, recorded_at=NOON - 900 * DAY)
    for hull in (cast.vinga, cast.hono):
        connection.execute(
            text("""
            INSERT INTO last_position (fleet_id, vessel_id, recorded_at, tracker_id,
                received_at, latitude, longitude, source)
            VALUES (:fleet_id, :vessel_id, :at, :tracker_id, :at, 57, 11, 'tracker')
            """),
            {
                "fleet_id": cast.fleet_id,
                "vessel_id": hull.id,
                "tracker_id": hull.tracker_id,
                "at": kept.recorded_at,
            },
        )
    sail(cast.vinga, NOON)

    assert of_fleet() == {cast.vinga.id: NOON, cast.hono.id: kept.recorded_at}


def test_a_retired_vessel_has_no_newest(connection, sail, cast, of_fleet):
    sail(cast.vinga, NOON)
    connection.execute(text("UPDATE vessel SET retired_at = now()"))

    assert of_fleet() == {}


def test_one_vessel_is_asked_for_alone(sail, cast, runtime):
    sail(cast.vinga, NOON - DAY, NOON)
    sail(cast.hono, NOON + DAY)

    with runtime.database.session() as session:
        found = newest.of_vessel(session, cast.vinga.id)
        nobody = newest.of_vessel(session, uuid4())

    assert (found.report.recorded_at, nobody) == (NOON, None)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("silent", "speaks"), [(12, "tracker"), (13, "ais")])
def test_a_receiver_ashore_speaks_only_when_the_tracker_aboard_is_silent(
    sail, cast, ais, of_fleet, silent, speaks
):
    sail(cast.vinga, NOON - silent * MINUTE)
    sail(cast.vinga, *(NOON - n * MINUTE for n in range(20)), tracker_id=ais)
    sail(cast.hono, NOON - DAY)

    at = {"tracker": NOON - silent * MINUTE, "ais": NOON}[speaks]
    assert of_fleet() == {cast.vinga.id: at, cast.hono.id: NOON - DAY}


def test_a_tracker_that_was_silenced_itself_keeps_nobody_silent(
    runtime, connection, sail, cast, ais, of_fleet
):
    """She was followed by the tracker: the middle one never spoke, and holds nobody back."""
    with runtime.database.session() as session:
        middle, _ = trackers.add(
            session, runtime.seal, cast.fleet_id, "boat", cast.vinga.id, "signalk"
        )
    sail(cast.vinga, NOON - 20 * MINUTE)
    sail(cast.vinga, NOON - 9 * MINUTE, tracker_id=middle)
    sail(cast.vinga, NOON, tracker_id=ais)

    assert of_fleet() == {cast.vinga.id: NOON}


def test_the_newest_of_one_vessel_keeps_the_same_rule(sail, cast, ais, runtime):
    sail(cast.vinga, NOON - 5 * MINUTE)
    sail(cast.vinga, NOON, tracker_id=ais)

    with runtime.database.session() as session:
        found = newest.of_vessel(session, cast.vinga.id)

    assert found.report.tracker_id == cast.vinga.tracker_id


def test_the_newest_of_all_is_read_from_the_youngest_partition_that_has_one(
    sail, cast, runtime
):
    sail(cast.vinga, NOON - 300 * DAY, NOON - 200 * DAY)

    with runtime.database.session() as session:
        assert newest.recorded_at(session) == NOON - 200 * DAY


def test_without_any_position_there_is_no_newest(runtime, cast, of_fleet):
    with runtime.database.session() as session:
        assert newest.recorded_at(session) is None
    assert of_fleet() == {}


def test_windows_hold_every_partition_once_the_youngest_first():
    spans = partitions.missing((), NOON, "day")
    spans = [replace(s, start_at=s.start_at - n * DAY) for s in spans[:1] for n in range(80)]

    found = list(windows(sorted(spans, key=lambda span: span.start_at)))

    assert found[0] == (NOON.replace(hour=0) - 2 * DAY, END_OF_TIME)
    assert [young[0] for young in found[:-1]] == [old[1] for old in found[1:]]
    assert found[-1][0] == BEGINNING_OF_TIME
    assert len(found) == 4
