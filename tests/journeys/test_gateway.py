"""From instruments through `harbor gateway` to the track: nothing lost, nothing twice."""

import json
import random
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime
from functools import reduce
from operator import xor

import pytest
from pyais import encode_dict
from sqlalchemy import create_engine, text

from harbor.store import vessels
from tests.builders import bearer
from tests.gateway.aboard import Aboard
from tests.journeys.fleet_server import running, wait_until
from tests.journeys.relay import Relay

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]
LIVES = 5
PAUSE_S = 0.03
MMSIS = tuple(f"2651240{n:02d}" for n in range(40))


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


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    with running(tmp_path_factory.mktemp("harbor"), heard_from_the_pier) as server:
        yield server


def heard_from_the_pier(runtime, cast):
    """As many vessels as there are lines in a second, so that each tells its own."""
    with runtime.database.session() as session:
        for mmsi in MMSIS:
            vessels.add(session, cast.fleet_id, f"Vessel {mmsi}", None, mmsi)
    return []


@pytest.fixture
def link(fleet):
    with Relay(fleet.port) as relay:
        yield relay


@pytest.fixture
def aboard(tmp_path, link):
    aboard = Aboard(tmp_path, link.url)
    yield aboard
    aboard.close()


@pytest.fixture
def held():
    """The socket that systemd would hold."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_194_304)
        held.bind(("127.0.0.1", 0))
        yield held


def stored(fleet, tracker_id):
    """Whose position of when, as often as it is there."""
    engine = create_engine(fleet.postgres.url)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT vessel.mmsi, recorded_at FROM position"
                " JOIN vessel ON vessel.id = vessel_id WHERE tracker_id = :id"
            ),
            {"id": tracker_id},
        ).all()
    engine.dispose()
    return sorted((mmsi, recorded_at.astimezone(UTC)) for mmsi, recorded_at in rows)


def delta(number):
    """A Signal K delta on a line, and whose position of when it tells."""
    moment = datetime.fromtimestamp(int(time.time() * 1000) / 1000, UTC)
    place = {"latitude": 57.6 + number * 1e-6, "longitude": 11.8}
    values = [
        {"path": "navigation.position", "value": place},
        {"path": "navigation.speedOverGround", "value": 4.9},
    ]
    update = {"timestamp": moment.isoformat(timespec="milliseconds"), "values": values}
    line = json.dumps({"context": "vessels.self", "updates": [update]})
    return ("265123456", moment), line.encode()


def aivdm(number):
    """A sentence of class B; its time is the second in it, so each vessel speaks in turn."""
    moment, mmsi = datetime.fromtimestamp(int(time.time()), UTC), MMSIS[number % len(MMSIS)]
    place = {"lat": 57.6 + number * 1e-5, "lon": 11.8, "speed": 9.5, "course": 90}
    [line] = encode_dict({"type": 18, "mmsi": mmsi, "second": moment.second} | place)
    return (mmsi, moment), line.encode() + b"\r\n"


def of_the_boat(cast):
    return cast.vinga.tracker_id, cast.vinga.secret


def of_the_pier(cast):
    return cast.shore_id, cast.shore_secret


@pytest.mark.parametrize(("line_of", "whose"), [(delta, of_the_boat), (aivdm, of_the_pier)])
def test_every_position_is_in_the_track_once_whatever_breaks_on_the_way(
    aboard, fleet, held, link, figures, line_of, whose
):
    luck = random.Random(6)
    aboard.tracker, aboard.secret = whose(fleet.cast)
    words = (f"fd://{held.fileno()}",)

    def arrived():
        return stored(fleet, aboard.tracker)

    with Boat(held.getsockname(), line_of, PAUSE_S) as boat:
        for life in range(LIVES):
            before = len(arrived())
            aboard.start(*words, pass_fds=[held.fileno()])
            wait_until(lambda b=before: len(arrived()) > b, 20, aboard.log.read_text)
            if life % 2:
                link.cut()
            time.sleep(luck.uniform(0.05, 0.8))  # kill -9 comes at no particular moment
            aboard.kill()
            link.mend()
        boat.fall_silent()
        aboard.start(*words, pass_fds=[held.fileno()])
        wait_until(lambda: len(arrived()) >= len(boat.sent), 30, aboard.log.read_text)

    assert aboard.leave()[0] == 0
    assert arrived() == sorted(boat.sent)
    figures[f"gateway, {line_of.__name__}: sent, stored, kill -9, cuts"] = (
        f"{len(boat.sent)}, {len(arrived())}, {LIVES}, {LIVES // 2}"
    )


def said_once(aboard, lines):
    """On standard input, to its end."""
    aboard.start("-", stdin=subprocess.PIPE)
    aboard.process.stdin.write(b"".join(line + b"\r\n" for line in lines))
    aboard.process.stdin.close()
    assert aboard.process.wait(20) == 0, aboard.log.read_text()


def sentence(content):
    return f"${content}*{reduce(xor, content.encode()):02X}".encode()


def test_the_sentences_of_a_gps_become_a_position_with_what_they_say_together(aboard, fleet):
    aboard.tracker, aboard.secret = fleet.cast.hono.tracker_id, fleet.cast.hono.secret
    moment = datetime.fromtimestamp(int(time.time()) - 2, UTC)
    time_of_day, date = f"{moment:%H%M%S}.00", f"{moment:%d%m%y}"

    said_once(
        aboard,
        [
            sentence(f"GPRMC,{time_of_day},A,5739.600,N,01148.000,E,9.5,270.0,{date},,,A"),
            sentence("GPGSV,1,1,00"),
            sentence(f"GPGGA,{time_of_day},5739.600,N,01148.000,E,1,9,0.9,3.0,M,36,M,,"),
            sentence("HEHDT,268.4,T"),
        ],
    )

    assert stored(fleet, aboard.tracker) == [("265123457", moment)]
    answer = fleet.get("/api/v1/vessels", **bearer(fleet.cast.partner_key)).json()
    found = {one["id"]: one["properties"] for one in answer["features"]}
    vessel = found[str(fleet.cast.hono.id)]
    assert (vessel["speed_knots"], vessel["heading_degrees"]) == (9.5, 268.4)


def test_a_man_overboard_reaches_everybody_who_listens(aboard, fleet, listen):
    listener = listen()
    aboard.tracker, aboard.secret = fleet.cast.vinga.tracker_id, fleet.cast.vinga.secret
    value = {"state": "emergency", "method": ["sound"], "message": "Man overboard, port side"}
    values = [{"path": "notifications.mob", "value": value}]

    said_once(aboard, [json.dumps({"updates": [{"values": values}]}).encode()])

    listener.wait_for(lambda one: "alert" in one.kinds(), 10)
