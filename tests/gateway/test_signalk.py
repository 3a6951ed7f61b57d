"""The stream of a Signal K server: greeted, subscribed to, called again."""

import json
import threading
from contextlib import contextmanager
from http import HTTPStatus

import pytest
from websockets.sync.server import serve

from harbor.gateway.buffer import Buffer
from harbor.gateway.intake import Intake
from harbor.gateway.signalk import called
from harbor.gateway.sources import Reading, source_of
from harbor.gateway.standing import Progress
from harbor.trackers.signalk import paths
from tests.journeys.fleet_server import free_port, wait_until

OWN = "vessels.urn:mrn:signalk:uuid:1"
GREETING = {"name": "signalk-server", "version": "2.23.0", "self": OWN, "roles": []}
NOW = 1_777_896_000.0


def delta(latitude, context=OWN, at="2026-05-04T11:00:00Z"):
    place = {"path": paths.POSITION, "value": {"latitude": latitude, "longitude": 11}}
    return {"context": context, "updates": [{"timestamp": at, "values": [place]}]}


class Server:
    """Greets, hears the subscription, says `deltas`, and hangs up when told to.

    `later` it says after `go_on`.
    """

    def __init__(self, *deltas, later=()):
        self.deltas, self.later = deltas, later
        self.go_on = threading.Event()
        self.heard, self.headers = [], []
        self.hang_up = threading.Event()
        self.token = None

    def speak(self, connection):
        self.headers.append(connection.request.headers)
        connection.send(json.dumps(GREETING))
        self.heard.append(json.loads(connection.recv(5)))
        for one in self.deltas:
            connection.send(json.dumps(one))
        for one in self.later:
            self.go_on.wait(5)
            connection.send(json.dumps(one))
        self.hang_up.wait(10)

    def admit(self, connection, request):
        given = request.headers.get("Authorization")
        if self.token and given != f"Bearer {self.token}":
            return connection.respond(HTTPStatus.UNAUTHORIZED, "")
        return None

    @contextmanager
    def listening(self):
        with serve(self.speak, "127.0.0.1", 0, process_request=self.admit) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield f"signalk://127.0.0.1:{server.socket.getsockname()[1]}"
            self.hang_up.set()
            server.shutdown()
            thread.join(5)


class Kept:
    """A buffer with an intake before it, whose clock a test may move."""

    def __init__(self, path):
        self.buffer = Buffer(path, "d1", 1_000_000)
        self.progress = Progress()
        self.now = NOW
        self.intake = Intake(self.buffer, self.progress, clock=lambda: self.now)

    @property
    def deltas(self):
        rows = self.buffer._database.execute("SELECT body FROM line ORDER BY id").fetchall()
        return [json.loads(row[0]) for row in rows]


@pytest.fixture
def kept(tmp_path):
    kept = Kept(tmp_path / "buffer.db")
    yield kept
    kept.buffer.close()


@contextmanager
def running(address, kept, reading=None):
    stop = threading.Event()
    source = source_of(address, reading or Reading())
    thread = threading.Thread(target=source.run, args=(kept.intake, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(8)
    assert not thread.is_alive()


def test_what_the_boat_says_of_herself_is_kept_as_her_own(kept):
    server = Server(delta(57), delta(58, "vessels.urn:mrn:imo:mmsi:265123456"))
    with server.listening() as address, running(address, kept):
        wait_until(lambda: len(kept.deltas) == 2, 5)

    assert [one["context"] for one in kept.deltas] == [
        "vessels.self",
        "vessels.urn:mrn:imo:mmsi:265123456",
    ]


def test_only_what_harbor_reads_is_subscribed_to_and_alarms_without_delay(kept):
    server = Server()
    with server.listening() as address, running(address, kept, Reading(period_s=10)):
        wait_until(lambda: server.heard, 5)

    [asked] = server.heard
    rows = {row["path"]: row for row in asked["subscribe"]}
    assert asked["context"] == "vessels.self"
    assert rows[paths.POSITION]["minPeriod"] == 10_000
    assert "minPeriod" not in rows["notifications.mob*"]
    assert "electrical" not in json.dumps(asked)


def test_other_vessels_are_asked_for_when_that_is_wished(kept):
    server = Server()
    with server.listening() as address, running(address, kept, Reading(with_targets=True)):
        wait_until(lambda: server.heard, 5)

    assert server.heard[0]["context"] == "vessels.*"


def test_a_server_that_hangs_up_is_called_again(kept, monkeypatch):
    monkeypatch.setattr("harbor.gateway.signalk.retry_s", lambda failures: 0.01)
    server = Server(delta(57))
    server.hang_up.set()
    with server.listening() as address, running(address, kept):
        wait_until(lambda: len(kept.deltas) >= 2, 5)


def test_a_server_that_wants_a_token_gets_it_and_says_so_without(kept):
    server = Server(delta(57))
    server.token = "boat"
    with server.listening() as address:
        with running(address, kept):
            wait_until(lambda: "--signalk-token-file" in kept.progress.look().source, 5)
        with running(address, kept, Reading(token="boat")):
            wait_until(lambda: kept.deltas, 5)


def test_a_server_that_is_not_there_is_waited_for(kept):
    with running(f"signalk://127.0.0.1:{free_port()}", kept):
        wait_until(lambda: "waiting for ws://" in kept.progress.look().source, 5)


def test_with_wrong_clocks_aboard_what_the_server_remembers_is_not_news(kept):
    remembered = delta(56, at="1999-01-01T00:00:00Z")
    server = Server(remembered, later=[delta(57, at="1999-01-01T00:00:00Z")])
    reading = Reading(is_stamped_anew=True)
    with server.listening() as address, running(address, kept, reading):
        wait_until(lambda: kept.progress.look().counts["read"] == 2, 5)
        kept.now = NOW + 60
        server.go_on.set()
        wait_until(lambda: kept.deltas, 5)

    [only] = kept.deltas
    assert only["updates"][0]["timestamp"] == "2026-05-04T12:01:00.000Z"
    assert only["updates"][0]["values"][0]["value"]["latitude"] == 57


def test_what_a_boat_is_called_stands_in_the_greeting_alone():
    assert called(json.dumps(GREETING).encode()) == OWN
    assert called(b'{"self":"urn:mrn:imo:mmsi:1"}') == "vessels.urn:mrn:imo:mmsi:1"
    assert called(b'{"self":7}') is None
    assert called(b'["self"]') is None
    assert called(b'"self" {') is None
    assert called(json.dumps(delta(57, "self")).encode()) is None


def test_the_addresses_of_servers_with_and_without_encryption():
    plain = source_of("signalk://boat.local", Reading())
    encrypted = source_of("signalks://[::1]:8443", Reading())

    assert plain.name == "ws://boat.local:3000/signalk/v1/stream"
    assert encrypted.name == "wss://[::1]:8443/signalk/v1/stream"
