"""From instruments through `harbor gateway` to the track: nothing lost, nothing twice."""

import json
import random
import socket
import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from tests.gateway.aboard import Aboard
from tests.journeys.fleet_server import wait_until
from tests.journeys.relay import Relay

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]
LIVES = 6


class Boat:
    """Says where she is, over and over, by UDP to whoever holds the socket."""

    def __init__(self, address, line_of, pause_s):
        self._address = address
        self._line_of = line_of
        self._pause_s = pause_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._speak)
        self.sent = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.fall_silent()

    def fall_silent(self):
        self._done.set()
        self._thread.join(5)

    def _speak(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self._done.is_set():
                moment, line = self._line_of(len(self.sent))
                sender.sendto(line, self._address)
                self.sent.append(moment)
                self._done.wait(self._pause_s)


@pytest.fixture
def link(fleet):
    with Relay(fleet.port) as relay:
        yield relay


@pytest.fixture
def aboard(tmp_path, fleet, link):
    hull = fleet.cast.vinga
    aboard = Aboard(tmp_path, link.url, str(hull.tracker_id), hull.secret)
    yield aboard
    aboard.close()


@pytest.fixture
def held():
    """The socket that systemd would hold."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_194_304)
        held.bind(("127.0.0.1", 0))
        yield held


def stored(fleet):
    engine = create_engine(fleet.postgres.url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT recorded_at FROM position WHERE vessel_id = :id ORDER BY recorded_at"),
            {"id": fleet.cast.vinga.id},
        ).scalars()
        found = [row.astimezone(UTC) for row in rows]
    engine.dispose()
    return found


def delta(number):
    """A Signal K delta on a line, and the time it tells."""
    moment = datetime.fromtimestamp(int(time.time() * 1000) / 1000, UTC)
    place = {"latitude": 57.6 + number * 1e-6, "longitude": 11.8}
    values = [
        {"path": "navigation.position", "value": place},
        {"path": "navigation.speedOverGround", "value": 4.9},
    ]
    update = {"timestamp": moment.isoformat(timespec="milliseconds"), "values": values}
    return moment, json.dumps({"context": "vessels.self", "updates": [update]}).encode()


def test_every_position_is_in_the_track_once_whatever_breaks_on_the_way(
    aboard, fleet, held, link, figures
):
    luck = random.Random(6)
    words = (f"fd://{held.fileno()}",)
    with Boat(held.getsockname(), delta, 0.02) as boat:
        for life in range(LIVES):
            before = len(stored(fleet))
            aboard.start(*words, pass_fds=[held.fileno()])
            wait_until(lambda b=before: len(stored(fleet)) > b, 20, aboard.log.read_text)
            if life % 2:
                link.cut()
            time.sleep(luck.uniform(0.05, 0.8))  # kill -9 comes at no particular moment
            aboard.kill()
            link.mend()
        boat.fall_silent()
        aboard.start(*words, pass_fds=[held.fileno()])
        wait_until(lambda: len(stored(fleet)) >= len(boat.sent), 30, aboard.log.read_text)

    assert aboard.leave()[0] == 0
    assert stored(fleet) == boat.sent
    figures["gateway: sent, stored, kill -9, cuts"] = (
        f"{len(boat.sent)}, {len(stored(fleet))}, {LIVES}, {LIVES // 2}"
    )
