"""Stretches of a file, judged and stored: what their neighbours in the file and in PostgreSQL
make of them. The rest goes through the door that an operator uses: tests/cli/test_import.py."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from harbor.errors import Conflict
from harbor.fleet.tally import Tally
from harbor.fleet.vessel import Particulars
from harbor.ingest.bulk import Bulk
from harbor.ingest.contents import NOBODY, TrackerIdentity
from harbor.store import imports
from harbor.store.imports import Sameness
from harbor.trackers.files import Stretch
from harbor.trackers.message import Accepted, Decoded
from tests.builders import NOON, report, thresholds

NOW = NOON + timedelta(days=30)


@pytest.fixture
def bulk(runtime, cast):
    hull = cast.vinga
    tracker = TrackerIdentity(hull.tracker_id, cast.fleet_id, hull.id, NOBODY.keys)
    vessel = Particulars(hull.id, cast.fleet_id, hull.name)
    return Bulk(runtime.database, tracker, vessel, thresholds(), "month", 100, "harbor")


@pytest.fixture
def begun(runtime, cast):
    same = Sameness(cast.vinga.tracker_id, cast.vinga.id, b"1" * 32, "csv", 1)
    with runtime.database.session() as session:
        return imports.begin(session, same, "track.csv", is_again=False)


@pytest.fixture
def stretch(cast):
    """Of positions by their seconds after noon and their latitudes."""

    def make(*places, until=10):
        accepted = tuple(
            Accepted(number, fix(cast, seconds, latitude), b"{}")
            for number, (seconds, latitude) in enumerate(places, 1)
        )
        return Stretch(until, len(places), Decoded(True, accepted, ()))

    return make


def fix(cast, seconds, latitude):
    return report(
        fleet_id=cast.fleet_id,
        vessel_id=cast.vinga.id,
        tracker_id=cast.vinga.tracker_id,
        recorded_at=NOON + timedelta(seconds=seconds),
        latitude=latitude,
    )


def stored(runtime):
    with runtime.database.session() as session:
        return list(session.scalars(text("SELECT latitude FROM position ORDER BY recorded_at")))


def test_two_places_at_one_time_are_a_double_when_near_and_a_stuck_clock_when_far(
    bulk, begun, stretch, runtime
):
    progress, _ = bulk.take(stretch((0, 57.6), (10, 57.6001)), begun, NOW)

    near_and_far = stretch((0, 57.6001), (10, 57.65), (20, 57.65), (30, 57.65), until=20)
    _, settled = bulk.take(near_and_far, progress, NOW)

    assert settled.tally == Tally(4, 2, 1, {"stuck_clock": 1})
    assert stored(runtime) == [57.6, 57.6001, 57.65, 57.65]


def test_a_row_that_postgresql_does_not_take_does_not_keep_its_neighbours_out(
    bulk, begun, stretch, runtime
):
    with runtime.database.session() as session:
        session.execute(
            text("ALTER TABLE position ADD CONSTRAINT odd CHECK (latitude <> 57.605)")
        )
    try:
        places = ((0, 57.6), (10, 57.6001), (20, 57.605), (30, 57.6002))
        progress, settled = bulk.take(stretch(*places), begun, NOW)
    finally:
        with runtime.database.session() as session:
            session.execute(text("ALTER TABLE position DROP CONSTRAINT odd"))

    assert settled.tally.rejected == {"refused_by_database": 1}
    assert [one.number for one in settled.refusals] == [3]
    assert "odd" in settled.refusals[0].detail
    assert stored(runtime) == [57.6, 57.6001, 57.6002]
    assert progress.tally.accepted == 3


def test_what_another_run_went_on_with_is_not_stored_again(bulk, begun, stretch, runtime):
    bulk.take(stretch((0, 57.6)), begun, NOW)

    with pytest.raises(Conflict, match="at work on this file"):
        bulk.take(stretch((10, 57.6)), begun, NOW)

    assert stored(runtime) == [57.6]


def test_a_look_counts_what_is_there_and_writes_nothing(bulk, begun, stretch, runtime):
    bulk.take(stretch((0, 57.6)), begun, NOW)

    settled = bulk.look(stretch((0, 57.6), (10, 57.6)), NOW)

    assert settled.tally == Tally(2, 1, 1)
    assert stored(runtime) == [57.6]


def test_a_stretch_without_any_position_goes_on_all_the_same(bulk, begun):
    nothing = Stretch(7, 3, Decoded(True, (), (), {"way_point": 3}))

    progress, _ = bulk.take(nothing, begun, NOW)
    bulk.end(progress, NOW)

    assert (progress.until, progress.tally.ignored) == (7, {"way_point": 3})


def test_a_vessel_that_was_elsewhere_by_its_own_import_is_doubted(bulk, begun, stretch):
    progress, _ = bulk.take(stretch((0, 57.6), (60, 57.6)), begun, NOW)

    _, settled = bulk.take(stretch((30, 58.9), until=20), progress, NOW)

    assert settled.tally.quarantined == {"teleport": 1}
