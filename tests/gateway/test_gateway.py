"""The whole process: killed, cut off, told to leave."""

import os
import random
import socket
import subprocess
import sys
import threading
from collections import Counter

import pytest

from tests.gateway.aboard import COMMAND, Aboard
from tests.gateway.fake_harbor import SECRET, TRACKER, FakeHarbor
from tests.journeys.fleet_server import free_port, wait_until


@pytest.fixture
def harbor():
    with FakeHarbor() as harbor:
        yield harbor


@pytest.fixture
def aboard(tmp_path, harbor):
    aboard = Aboard(tmp_path, harbor.url, TRACKER, SECRET)
    yield aboard
    aboard.close()


def number_of(line):
    return int(line.rpartition(b"!")[2].split(b",")[5])


@pytest.mark.timeout(90)
def test_no_line_is_lost_or_changed_by_kill_9_and_a_link_that_breaks(aboard, harbor, tmp_path):
    """systemd holds the socket, as docs/trackers/gateway.md shows: so does this test."""
    luck = random.Random(4)
    hang_up_at = {3, 8, 9}

    def lose_some_answers():
        if len(harbor.messages) in hang_up_at:
            for connection in list(harbor._server.connections):
                connection.shutdown(socket.SHUT_RDWR)

    harbor.before_answer = lose_some_answers
    sent, done = [], threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_194_304)
        held.bind(("127.0.0.1", 0))

        def stream():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                while not done.is_set():
                    line = f"!AIVDM,1,1,,A,{len(sent)},0\r\n".encode()
                    sender.sendto(line, held.getsockname())
                    sent.append(len(sent))
                    done.wait(0.015)

        streaming = threading.Thread(target=stream)
        streaming.start()
        address = f"fd://{held.fileno()}"
        try:
            for life in range(5):
                before = len(harbor.messages)
                aboard.start(address, pass_fds=[held.fileno()])
                wait_until(lambda b=before: len(harbor.messages) > b, 20, aboard.log.read_text)
                if life == 2:
                    harbor.cut()
                done.wait(luck.uniform(0.1, 1.0))
                if life == 2:
                    aboard.kill()
                    aboard.start(address, pass_fds=[held.fileno()])
                    done.wait(1.0)
                    harbor.mend()
                aboard.kill()
        finally:
            done.set()
            streaming.join()
        aboard.start(address, pass_fds=[held.fileno()])
        wait_until(lambda: len({*map(number_of, harbor.lines)}) == len(sent), 20)

    assert aboard.leave()[0] == 0
    # What was acknowledged, and the acknowledgement lost, comes again as it was: same time,
    # same position, which Harbor knows to be a duplicate.
    different = Counter(number_of(line) for line in set(harbor.lines))
    assert sorted(different) == sent
    assert set(different.values()) == {1}
    assert max(harbor.ids().values()) > 1
    assert all(message.is_signed for message in harbor.messages)


def test_what_waited_while_the_link_was_down_arrives_when_it_is_back(aboard, harbor, tmp_path):
    path = tmp_path / "x.nmea"
    path.write_text("".join(f"!AIVDM,1,1,,A,{n},0\n" for n in range(2000)))
    harbor.cut()
    aboard.start(str(path))
    wait_until(lambda: any(one["event"] == "gateway.link_lost" for one in aboard.said()), 15)

    harbor.mend()

    assert aboard.process.wait(15) == 0
    assert [number_of(line) for line in harbor.lines] == list(range(2000))
    assert all(len(message.lines) <= 500 for message in harbor.messages)


def test_sigterm_sends_what_is_left_and_ends_in_time(aboard, harbor):
    port = free_port()
    aboard.start(f"udp://127.0.0.1:{port}", "--every", "60")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

        def heard():
            sender.sendto(b"!AIVDM,1,1,,A,7,0", ("127.0.0.1", port))
            path = aboard.folder / "buffer.db-wal"
            return path.exists() and b"AIVDM" in path.read_bytes()

        wait_until(heard, 15, aboard.log.read_text)

    code, seconds = aboard.leave()

    assert code == 0
    assert harbor.lines
    assert seconds < 8
    assert aboard.said()[-1]["event"] == "gateway.stopped"


def test_sigterm_ends_in_time_while_the_server_is_silent(aboard, harbor, tmp_path):
    silent = threading.Event()
    harbor.before_answer = lambda: silent.wait(20)
    path = tmp_path / "x.nmea"
    path.write_text("!AIVDM,1,1,,A,7,0\n")
    aboard.start(str(path))
    wait_until(lambda: harbor.messages, 15, aboard.log.read_text)

    code, seconds = aboard.leave()
    silent.set()

    assert code == 0
    assert seconds < 10


def test_standard_input_is_sent_to_its_end(aboard, harbor):
    aboard.start("-", stdin=subprocess.PIPE)

    aboard.process.stdin.write(b"!AIVDM,1,1,,A,7,0\n$GPGSV,x\n$GPHDT,7,T\n")
    aboard.process.stdin.close()

    assert aboard.process.wait(15) == 0
    assert {one.path for one in harbor.messages} == {
        "/api/v1/ingest/ais",
        "/api/v1/ingest/nmea",
    }


def test_without_a_terminal_it_says_how_it_stands_as_json(aboard, harbor, tmp_path):
    path = tmp_path / "x.nmea"
    path.write_text("!AIVDM,1,1,,A,7,0\n$GPGSV,x\n")
    aboard.start(str(path))
    assert aboard.process.wait(15) == 0

    last = aboard.said()[-1]

    assert (last["event"], last["link"], last["waiting_lines"]) == ("gateway.stopped", "up", 0)
    assert last["lines"] == {"read": 2, "other": 1, "kept": 1, "sent": 1, "accepted": 1}
    assert SECRET not in aboard.log.read_text()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nothing://x"], "SOURCE is udp://"),
        (["/no/such/file"], "There is no file"),
        (["--url", "nowhere", "-"], "--url is Harbor's address"),
    ],
)
def test_what_can_not_work_is_refused_at_the_start_in_one_line(aboard, words, complaint):
    aboard.start(*words)

    assert aboard.process.wait(15) == 2
    assert complaint in aboard.log.read_text()
    assert "Traceback" not in aboard.log.read_text()


def test_the_secret_can_come_from_the_environment_but_not_from_the_command_line(tmp_path):
    def run(*words, **environment):
        command = [COMMAND, "gateway", "--url", "http://127.0.0.1:9", "--tracker", TRACKER]
        return subprocess.run(
            [*command, "--buffer", str(tmp_path / "b.db"), *words],
            env={"PATH": os.environ["PATH"]} | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=15,
            check=False,
        )

    assert run("-", HARBOR_GATEWAY_SECRET=SECRET).returncode == 0
    assert "no tracker's secret" in run("-").stderr
    assert "No such option" in run("--secret", SECRET, "-").stderr


def test_it_runs_where_no_server_could():
    script = (
        "import sys; from harbor.cli.command import harbor; from harbor.cli import gateway;"
        "print([m for m in ('flask','gevent','sqlalchemy','pydantic','redis','psycopg2')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=15, check=True
    )

    assert done.stdout == "[]\n"
