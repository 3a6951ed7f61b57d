"""Workers that are told to go: every stream is told, nothing fails, and nobody storms back."""

import pytest

from tests.journeys.crowd import Crowd, peak
from tests.journeys.fleet_server import FleetServer, wait_until
from tests.journeys.traffic import AWAY, Traffic

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]

STREAMS = 1000
DRAIN_SECONDS = 4.0
RELOADS, RELOAD_DRAIN_SECONDS = 10, 1.0


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    server = FleetServer(
        tmp_path_factory.mktemp("harbor"),
        drain_s=DRAIN_SECONDS,
        worker_connections=2 * STREAMS,
        streams_max=STREAMS,
        streams_key_max=STREAMS,
        api_rate_per_minute=1_000_000,
    )
    try:
        server.set_up()
        server.start()
        yield server
    finally:
        server.tear_down()


def serve(fleet, drain_s):
    if fleet.settings["drain_s"] != drain_s:
        fleet.settings["drain_s"] = drain_s
        fleet.terminate()
        fleet.start()


def told_to_go(crowd):
    return [one.endings[0] for one in crowd.callers if one.endings]


def test_a_thousand_streams_are_sent_away_one_by_one_and_the_process_is_gone(fleet, figures):
    serve(fleet, DRAIN_SECONDS)
    with Crowd(fleet) as crowd, Traffic(fleet) as traffic:
        crowd.add(STREAMS, comes_back=True)
        wait_until(lambda: sum(traffic.said.values()) > 20, 10)

        gone_s = fleet.terminate()
        endings = told_to_go(crowd)
        fleet.start()
        wait_until(lambda: all(len(one.connected_at) > 1 for one in crowd.callers), 30)
        wait_until(lambda: sum(map(is_back, crowd.callers)) == STREAMS, 30)

    assert gone_s < 10
    assert [one.reason for one in endings] == ["leaving"] * STREAMS
    assert len({one.retry_ms for one in endings}) > STREAMS / 4
    assert all(1000 <= one.retry_ms <= 5000 for one in endings)
    ended = [one.at for one in endings]
    assert max(ended) - min(ended) > DRAIN_SECONDS * 0.8
    assert peak(ended, 0.1) < STREAMS / 5
    assert set(traffic.said) <= {200, 201, AWAY}, traffic.errors
    back = [one.connected_at[1] for one in crowd.callers]
    figures["1,000 streams told to leave"] = (
        f"gone in {gone_s:.1f} s; at most {peak(ended, 0.1)} ends in 100 ms,"
        f" {peak(back, 1)} accepts in 1 s, {dict(traffic.said)}"
    )


def is_back(caller):
    return bool(caller.heard) and caller.heard[-1][2] > caller.connected_at[-1]


def test_ten_reloads_in_a_row_under_load_cost_no_event_and_no_request(fleet, figures):
    serve(fleet, RELOAD_DRAIN_SECONDS)
    with Crowd(fleet) as crowd, Traffic(fleet) as traffic:
        crowd.add(60, query="?mode=all", comes_back=True)
        for _ in range(RELOADS):
            before, many = set(fleet.workers()), sum(traffic.said.values())
            fleet.reload()
            wait_until(lambda old=before: not old & set(fleet.workers()), 30, fleet.tail)
            wait_until(lambda n=many: sum(traffic.said.values()) > n + 20, 45)
        number = last_number(crowd)
        wait_until(lambda: all(one.numbers()[-1] >= number for one in crowd.callers), 20)

    assert set(traffic.said) <= {200, 201}, traffic.errors
    assert [gap for one in crowd.callers for gap in one.gaps()] == []
    kinds = {kind for one in crowd.callers for kind in one.kinds()[1:]}
    assert kinds <= {"position", "late", "vessel", "reconnect"}
    assert {end.reason for one in crowd.callers for end in one.endings} <= {"leaving", ""}
    resumed = sum(len(one.endings) for one in crowd.callers)
    figures["ten reloads under load"] = (
        f"{resumed} resumes, {sum(len(one.numbers()) for one in crowd.callers)} events,"
        f" missing 0, {dict(traffic.said)}"
    )


def last_number(crowd):
    return max(one.numbers()[-1] for one in crowd.callers)
