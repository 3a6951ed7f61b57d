"""What happens when a part is killed: nothing acknowledged is lost, nothing hides."""

import os
import signal
import socket
import threading
import time
from datetime import UTC, datetime

import pytest
import urllib3
from redis import Redis
from sqlalchemy import create_engine, text

from tests.builders import bearer, moment, ping
from tests.journeys.fleet_server import wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]


class Load:
    """Pings of one vessel, one after the other, until it is told to stop."""

    def __init__(self, fleet):
        self._fleet = fleet
        self._stop = threading.Event()
        self.acknowledged: set[str] = set()
        self.statuses: list[int] = []
        self._threads = [threading.Thread(target=self._run) for _ in range(4)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self):
        while not self._stop.is_set():
            report = ping(recorded_at=datetime.now(UTC).isoformat().replace("+00:00", "Z"))
            try:
                status = self._fleet.post(self._fleet.cast.vinga, report).status
            except urllib3.exceptions.HTTPError:
                status = 0
            self.statuses.append(status)
            if status in {200, 201}:
                self.acknowledged.add(report["recorded_at"])
            self._stop.wait(0.01)

    def wait_for_more(self, count=20, timeout_s=20):
        goal = len(self.acknowledged) + count
        wait_until(lambda: len(self.acknowledged) >= goal, timeout_s, self.summary)

    def summary(self):
        return f"{len(self.acknowledged)} acknowledged, last {self.statuses[-5:]}"


def stored_moments(fleet) -> set[str]:
    engine = create_engine(fleet.postgres.url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT recorded_at FROM position")).scalars()
        found = {at.astimezone(UTC).isoformat().replace("+00:00", "Z") for at in rows}
    engine.dispose()
    return found


def test_valkey_killed_under_load_costs_no_ping_and_leaves_no_gap(fleet, listen):
    listener = listen()
    with Load(fleet) as load:
        load.wait_for_more()
        fleet.valkey.kill()
        for _ in range(3):
            fleet.get("/api/v1/vessels", **bearer(fleet.cast.partner_key))
        load.wait_for_more(50)
        listener.wait_for(lambda one: ("feed", "degraded") in feed_states(one), 10)
        fleet.valkey.restart()
        listener.wait_for(lambda one: "resync" in one.kinds(), 20)
        # What was numbered before its snapshot is in it; all that comes now is told.
        before = set(load.acknowledged)
        load.wait_for_more(50)

    assert set(load.statuses) <= {200, 201}
    assert load.acknowledged <= stored_moments(fleet)
    listener.wait_for(lambda one: load.acknowledged - before <= one.moments(), 20)


def feed_states(listener):
    return [(one.kind, one.data.get("state")) for one in listener.heard if one.kind == "feed"]


def test_a_hung_valkey_does_not_hold_up_the_webhook(fleet):
    fleet.valkey.kill(signal.SIGSTOP)
    try:
        began = time.monotonic()
        answers = [fleet.post(fleet.cast.vinga, ping(recorded_at=moment(n))) for n in range(20)]
        took_s = time.monotonic() - began
        page = fleet.get("/ready")
    finally:
        fleet.valkey.kill(signal.SIGCONT)

    assert {answer.status for answer in answers} == {201}
    assert took_s < 5
    assert page.status == 200


def test_postgresql_stopped_is_503_at_once_and_service_comes_back_by_itself(fleet):
    with Load(fleet) as load:
        load.wait_for_more()
        fleet.postgres.kill()
        wait_until(lambda: 503 in load.statuses, 5, load.summary)
        began = time.monotonic()
        refused = fleet.post(fleet.cast.hono, ping())
        refused_after_s = time.monotonic() - began
        fleet.postgres.restart()
        back_at = time.monotonic()
        load.wait_for_more(20, timeout_s=10)
        back_after_s = time.monotonic() - back_at

    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused_after_s < 3
    assert back_after_s < 5
    assert set(load.statuses) <= {200, 201, 503}
    assert load.acknowledged <= stored_moments(fleet)


def test_a_hung_postgresql_is_503_within_three_seconds(fleet):
    assert fleet.post(fleet.cast.vinga, ping()).status == 201
    pids = [*backends(fleet), fleet.postgres.pid]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        answers = []
        for _ in range(3):
            began = time.monotonic()
            status = fleet.post(fleet.cast.vinga, ping()).status
            answers.append((status, time.monotonic() - began))
            time.sleep(2.2)  # so that everything that is kept in memory is old
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    assert [status for status, _ in answers] == [503] * 3
    assert max(took_s for _, took_s in answers) < 3
    wait_until(lambda: fleet.post(fleet.cast.vinga, ping()).status == 201, 10)


def backends(fleet) -> list[int]:
    engine = create_engine(fleet.postgres.superuser_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE application_name = 'harbor'")
        )
        found = list(rows.scalars())
    engine.dispose()
    return found


def test_a_crash_between_commit_and_publish_is_made_good_by_the_sweeper(fleet, listen):
    listener = listen()
    fleet.valkey.kill(signal.SIGSTOP)
    report = ping()
    try:
        assert fleet.post(fleet.cast.hono, report).status == 201
        for pid in fleet.workers():
            os.kill(pid, signal.SIGKILL)
    finally:
        fleet.valkey.kill(signal.SIGCONT)
    wait_until(fleet.is_ready, 15, fleet.tail)

    listener.ended.wait(10)
    listener.resume()

    listener.wait_for(lambda one: report["recorded_at"] in one.moments(), 15)


def test_an_emptied_valkey_is_filled_again_and_every_stream_is_told(fleet, listen):
    fleet.post(fleet.cast.vinga, ping(recorded_at=moment(-10)))
    fleet.post(fleet.cast.hono, ping(recorded_at=moment(-10)))
    listener = listen()

    with Redis.from_url(fleet.valkey.url) as redis:
        redis.flushall()
    fleet.post(fleet.cast.vinga, ping(recorded_at=moment(-20)))

    listener.wait_for(lambda one: "resync" in one.kinds(), 10)
    listener.wait_for(lambda one: one.kinds().count("snapshot") == 2, 5)
    again = [one for one in listener.heard if one.kind == "snapshot"][-1]
    assert {one["id"] for one in again.data["features"]} == {
        str(fleet.cast.vinga.id),
        str(fleet.cast.hono.id),
    }


def test_a_cut_subscription_loses_nothing(fleet, listen):
    listener = listen()
    with Redis.from_url(fleet.valkey.url) as redis, Load(fleet) as load:
        for _ in range(5):
            load.wait_for_more(10)
            redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        load.wait_for_more(10)

    listener.wait_for(lambda one: load.acknowledged <= one.moments(), 15)
    ids = [one.event_id for one in listener.heard if one.event_id]
    assert len(ids) == len(set(ids))


def test_a_worker_killed_under_load_costs_no_acknowledged_ping(fleet):
    with Load(fleet) as load:
        load.wait_for_more()
        os.kill(fleet.workers()[0], signal.SIGKILL)
        load.wait_for_more(100)

    assert set(load.statuses) <= {0, 200, 201}
    assert load.acknowledged <= stored_moments(fleet)


def test_told_to_stop_streams_say_reconnect_and_the_process_is_gone_soon(fleet, listen):
    listeners = [listen() for _ in range(20)]

    took_s = fleet.terminate()
    fleet.start()

    assert took_s < 10
    for listener in listeners:
        assert listener.ended.wait(5)
        assert listener.kinds()[-1] == "reconnect"


def test_a_reader_that_does_not_read_does_not_hold_up_the_end(fleet):
    deaf = socket.create_connection(("127.0.0.1", fleet.port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    request = (
        f"GET /stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {fleet.cast.partner_key}"
    )
    deaf.sendall(f"{request}\r\n\r\n".encode())
    wait_until(lambda: b"200 OK" in deaf.recv(64, socket.MSG_PEEK), 5)
    filler = {"recorded_at": moment(5000), "latitude": 57.6, "longitude": 11.7}
    for hour in range(30):
        batch = [filler | {"recorded_at": moment(5000 + hour * 600 + n)} for n in range(500)]
        assert fleet.post(fleet.cast.vinga, batch).status == 201

    took_s = fleet.terminate()
    fleet.start()
    deaf.close()

    assert took_s < 10


def test_a_reload_under_load_refuses_no_ping(fleet, listen):
    listener = listen()
    before = set(fleet.workers())
    with Load(fleet) as load:
        load.wait_for_more()
        fleet.reload()
        wait_until(lambda: not before & set(fleet.workers()), 20, fleet.tail)
        load.wait_for_more()

    assert set(load.statuses) <= {200, 201, 0}
    assert load.acknowledged <= stored_moments(fleet)
    assert listener.ended.wait(5)
    assert listener.kinds()[-1] == "reconnect"
