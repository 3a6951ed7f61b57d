"""Keys change while trackers send: nothing is refused that should not be."""

import http.client
import json
import subprocess
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import psutil
import pytest
import urllib3
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text

from tests.builders import bearer, moment, ping, signed
from tests.conftest import make_settings
from tests.journeys.fleet_server import FleetServer, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]

OVERLAP_SECONDS = 10


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """One that reads its master key from `.env` when it reloads, and logs all it can."""
    folder = tmp_path_factory.mktemp("harbor")
    server = FleetServer(folder, master_key=None, log_level="DEBUG")
    server.directory = folder
    set_master_key(server, make_settings("", "").master_key.get_secret_value())
    try:
        server.set_up()
        server.start()
        yield server
    finally:
        server.tear_down()


def set_master_key(fleet, value):
    (fleet.directory / ".env").write_text(f"HARBOR_MASTER_KEY={value}\n")


def master_key(fleet):
    return (fleet.directory / ".env").read_text().strip().partition("=")[2]


class Tracker:
    """Posts one report after the other, as trackers do: 4xx drops it, else it is sent again."""

    def __init__(self, fleet, hull):
        self.fleet = fleet
        self.hull = hull
        self.acknowledged: set[str] = set()
        self.dropped: list[int] = []
        self.repeated: list[int] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self):
        report = None
        while report or not self._stop.is_set():
            report = report or ping(recorded_at=moment())
            status = self._send(report)
            if status in {200, 201}:
                self.acknowledged.add(report["recorded_at"])
            elif 400 <= status < 500:
                self.dropped.append(status)
            else:
                self.repeated.append(status)
                self._stop.wait(0.1)
                if not self._stop.is_set():
                    continue
            report = None

    def _send(self, report):
        try:
            return self.fleet.post(self.hull, report).status
        except urllib3.exceptions.HTTPError:
            return 0

    def wait_for_more(self, count=20):
        goal = len(self.acknowledged) + count
        wait_until(lambda: len(self.acknowledged) >= goal, 20, self.summary)

    def summary(self):
        return f"{len(self.acknowledged)} kept, dropped {self.dropped}, {self.repeated[-5:]}"


def is_all_stored(fleet, tracker):
    engine = create_engine(fleet.postgres.url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT recorded_at FROM position")).scalars()
        found = {at.astimezone(UTC).isoformat().replace("+00:00", "Z") for at in rows}
    engine.dispose()
    return tracker.acknowledged <= found


class Lines:
    """A kept-open connection to each worker."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.by_worker: dict[int, http.client.HTTPConnection] = {}
        wait_until(self._open_another, 10, lambda: f"only {list(self.by_worker)} answered")

    def _open_another(self):
        line = http.client.HTTPConnection("127.0.0.1", self.fleet.port, timeout=10)
        line.request("GET", "/health")
        line.getresponse().read()
        port = line.sock.getsockname()[1]
        for worker in self.fleet.workers():
            peers = [one.raddr for one in psutil.Process(worker).net_connections() if one.raddr]
            if any(peer.port == port for peer in peers):
                self.by_worker.setdefault(worker, line)
        if line not in self.by_worker.values():
            line.close()
        return len(self.by_worker) == len(self.fleet.workers()) == 2

    def statuses(self, hull):
        """What each worker says to a ping of this tracker."""
        found = {}
        for worker, line in self.by_worker.items():
            body = json.dumps(ping()).encode()
            headers = signed(body, hull.tracker_id, hull.secret)
            line.request("POST", "/api/v1/positions", body, headers)
            answer = line.getresponse()
            answer.read()
            found[worker] = answer.status
        return list(found.values())

    def close(self):
        for line in self.by_worker.values():
            line.close()


@pytest.fixture
def lines(fleet):
    with closing(Lines(fleet)) as opened:
        yield opened


def add_tracker(fleet, hull, name):
    """Another tracker aboard of the same vessel."""
    made = fleet.harbor("tracker", "add", name, "--vessel", hull.imo_number)
    return replace(hull, tracker_id=made["id"], secret=made["secret"])


def test_a_tracker_changes_its_secret_without_a_lost_ping(fleet):
    hull = add_tracker(fleet, fleet.cast.vinga, "changing")
    overlap = f"{OVERLAP_SECONDS / 3600:.6f}"
    with Tracker(fleet, hull) as tracker:
        tracker.wait_for_more()
        made = fleet.harbor("tracker", "rotate", "changing", "--overlap", overlap)
        tracker.wait_for_more()
        tracker.hull = replace(hull, secret=made["secret"])
        tracker.wait_for_more()
        ended_at = datetime.fromisoformat(made["previous_until"])
        wait_until(lambda: fleet.post(hull, ping()).status == 401, OVERLAP_SECONDS + 5)
        refused_at = datetime.now(UTC)
        tracker.wait_for_more()

    assert (tracker.dropped, tracker.repeated) == ([], [])
    assert is_all_stored(fleet, tracker)
    assert refused_at >= ended_at
    assert said(fleet, hull.secret, made["secret"]) == []


def test_a_new_secret_is_good_in_every_worker_at_once(fleet, lines):
    hull = add_tracker(fleet, fleet.cast.vinga, "sudden")
    assert lines.statuses(hull) == [201, 201]

    made = fleet.harbor("tracker", "rotate", "sudden")

    assert lines.statuses(replace(hull, secret=made["secret"])) == [201, 201]
    assert lines.statuses(hull) == [201, 201]


def test_a_revoked_tracker_is_refused_by_every_worker_within_five_seconds(fleet, lines):
    hull = add_tracker(fleet, fleet.cast.hono, "stolen")
    assert lines.statuses(hull) == [201, 201]

    revoked = fleet.harbor("tracker", "revoke", "stolen")
    wait_until(lambda: lines.statuses(hull) == [401, 401], 5, fleet.tail)

    took = datetime.now(UTC) - datetime.fromisoformat(revoked["revoked_at"])
    assert took.total_seconds() < 5


def test_the_vessel_of_a_revoked_tracker_stays_on_the_map_and_in_the_feed(fleet, listen):
    hull = add_tracker(fleet, fleet.cast.hono, "lost overboard")
    before = ping(recorded_at=moment(1))
    assert fleet.post(hull, before).status == 201
    listener = listen()

    fleet.harbor("tracker", "revoke", "lost overboard")
    wait_until(lambda: fleet.post(hull, ping()).status == 401, 5, fleet.tail)
    after = ping()
    assert fleet.post(fleet.cast.hono, after).status == 201

    listener.wait_for(lambda one: after["recorded_at"] in one.moments(), 5)
    page = fleet.get(f"/api/v1/vessels/{hull.id}", **bearer(fleet.cast.partner_key)).json()
    assert page["properties"]["recorded_at"] == after["recorded_at"]


def test_the_master_key_changes_without_a_lost_ping(fleet):
    earlier, newest = master_key(fleet), Fernet.generate_key().decode()
    with Tracker(fleet, fleet.cast.vinga) as tracker:
        tracker.wait_for_more()
        reload_with(fleet, f"{newest},{earlier}")
        tracker.wait_for_more()
        done = fleet.harbor("tracker", "reseal")
        tracker.wait_for_more()
        reload_with(fleet, newest)
        tracker.wait_for_more()

    assert done["resealed"] >= 3
    assert tracker.dropped == []
    assert 503 not in tracker.repeated
    assert is_all_stored(fleet, tracker)
    assert said(fleet, newest, earlier, fleet.secret_key) == []


def test_workers_without_the_newest_master_key_make_trackers_wait_not_drop(fleet):
    earlier, newest = master_key(fleet), Fernet.generate_key().decode()
    with Tracker(fleet, fleet.cast.hono) as tracker:
        tracker.wait_for_more()
        set_master_key(fleet, f"{newest},{earlier}")
        fleet.harbor("tracker", "reseal")
        wait_until(lambda: 503 in tracker.repeated, 10, tracker.summary)
        assert fleet.get("/ready").json()["unreadable_trackers"] >= 3
        reload_with(fleet, newest)
        tracker.wait_for_more()

    assert tracker.dropped == []
    assert is_all_stored(fleet, tracker)


def test_the_shell_lines_of_the_api_page_post_with_the_fleet_s_shared_secret(fleet, project):
    page = (project / "docs/api.md").read_text(encoding="utf-8")
    lines = page.split("```sh\n", 1)[1].split("```", 1)[0]
    first, rest = lines.split("\n", 1)
    mine = f"SECRET={fleet.cast.shore_secret} VESSEL={fleet.cast.vinga.imo_number}"

    done = subprocess.run(
        ["bash", "-euc", f"{mine} URL={fleet.url}\n{rest}"],
        capture_output=True,
        timeout=20,
        check=False,
    )

    assert first.startswith("SECRET=whsec_")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["vessel"] == str(fleet.cast.vinga.id)
    assert json.loads(done.stdout)["verdict"] == "accepted"


def reload_with(fleet, master_key):
    """Until the last worker with the settings before has left."""
    before = set(fleet.workers())
    set_master_key(fleet, master_key)
    fleet.reload()
    wait_until(lambda: not before & set(fleet.workers()), 20, fleet.tail)
    wait_until(fleet.is_ready, 10, fleet.tail)


def said(fleet, *secrets):
    """Which of the secrets are in the log of the workers, in any part."""
    log = fleet.log.read_text()
    words = [part for one in secrets for part in (one, one.removeprefix("whsec_"))]
    return [word for word in words if word in log]
