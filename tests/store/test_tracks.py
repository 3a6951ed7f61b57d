"""The track of one vessel over several partitions."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from harbor.store import positions, tracks
from harbor.store.tracks import Place
from tests.builders import NOON

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("no_partitions")


@pytest.fixture
def track(runtime, cast):
    def track(start_at, end_at, limit=100, after=None):
        with runtime.database.session() as session:
            found = tracks.track(
                session, cast.fleet_id, cast.vinga.id, start_at, end_at, limit, after
            )
        return [one.report.recorded_at for one in found]

    return track


@pytest.fixture
def fixes(connection, sail, cast, stranger):
    """Vinga over 100 days, and bystanders at the same times."""
    times = [NOON + days * DAY for days in (0, 40, 40.5, 100)]
    [first, *_] = sail(cast.vinga, *times)
    sail(cast.hono, *times)
    positions.record(connection, positions.in_order([replace(first, fleet_id=stranger)]), NOON)
    positions.record(connection, positions.in_order([replace(first, vessel_id=uuid4())]), NOON)
    return times


def test_a_track_goes_through_partitions_in_order_and_is_of_one_vessel(track, fixes):
    assert track(NOON, NOON + 101 * DAY) == fixes


def test_its_first_moment_is_part_of_it_and_its_last_is_not(track, fixes):
    assert track(fixes[0], fixes[3]) == fixes[:3]


def test_a_limit_is_kept_and_the_next_page_begins_behind_it(track, fixes, cast):
    place = Place(fixes[1], cast.vinga.tracker_id)

    assert track(NOON, NOON + 101 * DAY, limit=2) == fixes[:2]
    assert track(NOON, NOON + 101 * DAY, limit=2, after=place) == fixes[2:]
