"""A vessel with a tracker aboard and a receiver ashore, from the commit to what is shown."""

from datetime import timedelta

import gevent
import pytest
from redis import Redis

from harbor.store import positions, trackers
from tests.builders import report
from tests.ingest.test_sweeper import make_old, told


@pytest.fixture
def now(runtime):
    return runtime.clock().replace(microsecond=0)


@pytest.fixture
def hear(runtime, cast, ais, now):
    """Commit a fix of a source, so many seconds ago; the sweeper publishes it, or a worker."""
    runtime.directory.refresh()

    def hear(source, seconds_ago, *, by_worker=False):
        tracker_id = ais if source == "ais" else cast.vinga.tracker_id
        whose = {"fleet_id": cast.fleet_id, "vessel_id": cast.vinga.id}
        at = now - timedelta(seconds=seconds_ago)
        fix = report(**whose, tracker_id=tracker_id, recorded_at=at, source=source)
        if by_worker:
            runtime.writer.write([fix], now)
            gevent.sleep(0.01)
            return
        with runtime.database.engine.connect() as connection:
            own = connection.execution_options(isolation_level="AUTOCOMMIT")
            positions.record(own, positions.in_order([fix]), now)
        make_old(runtime)
        runtime.sweeper.sweep_all()

    return hear


def shown(runtime, cast):
    [placed] = runtime.latest(cast.fleet_id).read().positions
    return "ais" if b'"source":"ais"' in placed.feature else "tracker"


def kinds(runtime, cast):
    found = [one.kind.decode() for one in told(runtime, cast)]
    return [kind for kind in found if kind != "vessel"]


@pytest.mark.parametrize("by_worker", [False, True])
def test_a_receiver_ashore_does_not_move_a_vessel_that_her_tracker_reports(
    runtime, cast, hear, by_worker
):
    hear("tracker", 60, by_worker=by_worker)
    hear("ais", 30, by_worker=by_worker)

    assert kinds(runtime, cast) == ["position", "late"]
    assert shown(runtime, cast) == "tracker"


def test_it_takes_over_when_her_tracker_is_silent_and_gives_her_back(runtime, cast, hear):
    hear("tracker", 1000)
    hear("ais", 30)
    assert shown(runtime, cast) == "ais"

    hear("tracker", 10)

    assert shown(runtime, cast) == "tracker"
    assert kinds(runtime, cast) == ["position", "position", "position"]


def test_an_emptied_valkey_is_filled_by_the_same_rule(runtime, cast, hear):
    hear("tracker", 60)
    hear("ais", 30)

    with Redis.from_url(runtime.settings.valkey_url.get_secret_value()) as redis:
        redis.flushall()

    assert shown(runtime, cast) == "tracker"
    hear("ais", 5)
    assert shown(runtime, cast) == "tracker"


def test_postgresql_says_the_same_while_valkey_is_away(runtime, cast, hear):
    hear("tracker", 60)
    hear("ais", 30)

    [placed] = runtime.latest(cast.fleet_id).read_archive().positions

    assert b'"source":"tracker"' in placed.feature


def test_what_an_operator_says_of_a_tracker_counts_at_once(runtime, cast, hear):
    with runtime.database.session() as session:
        trackers.change_standing(session, cast.fleet_id, "ais", 5, None)
    hear("tracker", 60)

    hear("ais", 30)

    assert shown(runtime, cast) == "ais"
