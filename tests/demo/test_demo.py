"""The whole demo as a visitor meets it: started, tried, ended, started again."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import psutil
import pytest

from harbor.fleet.geo import distance_metres

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]


class Demo:
    """A running `harbor demo`, and what it handed out."""

    def __init__(self, process, handout, family):
        self.process = process
        self.handout = handout
        self.family = family

    def vessels(self):
        request = urllib.request.Request(
            f"{self.handout['url']}/api/v1/vessels",
            headers={"Authorization": f"Bearer {self.handout['api_key']}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            features = json.load(answer)["features"]
        return {
            feature["id"]: tuple(feature["geometry"]["coordinates"]) for feature in features
        }

    def ready(self):
        with urllib.request.urlopen(f"{self.handout['url']}/ready", timeout=10) as answer:
            return json.load(answer)

    def ping(self, shell):
        result = subprocess.run(
            [shell, "-c", self.handout["commands"]["ping"]],
            check=True, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return result.stdout

    def end(self, number=signal.SIGINT):
        began = time.monotonic()
        self.process.send_signal(number)
        said = self.process.communicate(timeout=20)[0]
        return said, time.monotonic() - began


@contextmanager
def demo(data, *options):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "harbor.cli.demo",
        "--data",
        str(data),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        [*command, *options], cwd=data.parent, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield Demo(process, *until_running(process, data))
    finally:
        process.kill()
        process.communicate()


def until_running(process, data):
    handout = data / "demo.json"
    while not handout.exists():
        if process.poll() is not None:
            pytest.fail(process.stdout.read())
        time.sleep(0.05)
    family = psutil.Process(process.pid).children(recursive=True)
    return json.loads(handout.read_text()), family


def living(family):
    return [one for one in family if one.is_running() and one.status() != "zombie"]


def until(condition, patience_s=20):
    """Whether it came true in time; asked once more would be another question."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_the_demo_sails_takes_a_visitors_ping_ends_at_once_and_goes_on(tmp_path):
    data = tmp_path / "data"
    with demo(data) as first:
        before = first.vessels()
        moved = until(lambda: sum(a != b for a, b in pairs(before, first.vessels())) >= 5)
        answers = [first.ping(shell) for shell in shells()]
        visitor = first.handout["vessel_id"]
        there = until(lambda: 300 < metres(before[visitor], first.vessels()[visitor]) < 800)
        said, took_s = first.end()
        left = living(first.family)
    with demo(data) as second:
        at_berth = metres(before[visitor], second.vessels()[visitor])
        second.end(signal.SIGTERM)

    assert len(before) == 12
    assert moved
    # Two within one second are one position: the second shell may hear "known already".
    assert [answer[:11] for answer in answers] == ["HTTP/1.1 20"] * len(shells())
    assert '"verdict":"accepted"' in answers[0]
    assert there
    assert len(first.family) >= 5
    assert left == []
    assert took_s < 5
    assert first.process.returncode == second.process.returncode == 0
    assert "Traceback" not in said
    assert str(data) in said
    assert at_berth == 0
    assert same(first.handout, second.handout, "username", "password", "api_key", "tracker_id")
    assert living(second.family) == []


def test_when_a_server_ends_by_itself_the_demo_says_which_and_ends(tmp_path):
    with demo(tmp_path / "data") as running:
        children = psutil.Process(running.process.pid).children()
        postgres = next(one for one in children if one.name() == "postgres")

        postgres.kill()
        said = running.process.communicate(timeout=20)[0]

    assert running.process.returncode == 1
    assert "postgres ended by itself" in said
    assert "Traceback" not in said
    assert living(running.family) == []


def test_when_valkey_ends_the_demo_sails_on_and_starts_it_again(tmp_path):
    with demo(tmp_path / "data") as running:
        valkey = next(one for one in running.family if one.name() == "valkey-server")

        valkey.terminate()
        assert until(lambda: running.ready()["valkey"] == "down")
        assert len(running.vessels()) == 12
        assert until(lambda: running.ready()["valkey"] == "up", 40)
        said, _ = running.end()

    assert running.process.returncode == 0
    assert "No position is lost" in said
    assert "Valkey is back" in said


def test_nothing_is_left_of_a_demo_that_was_killed(tmp_path):
    with demo(tmp_path / "data") as running:
        running.process.kill()

        assert until(lambda: living(running.family) == [])


def test_a_damaged_environment_does_not_reach_the_demo(tmp_path, monkeypatch):
    monkeypatch.setenv("HARBOR_WORKERS", "none")
    (tmp_path / ".env").write_text("HARBOR_DATABASE_URL=nonsense\n")

    with demo(tmp_path / "data") as running:
        assert len(running.vessels()) == 12


def pairs(before, after):
    return [(before[vessel], after[vessel]) for vessel in before]


def metres(place, other):
    (longitude, latitude), (other_longitude, other_latitude) = place, other
    return distance_metres(latitude, longitude, other_latitude, other_longitude)


def same(handout, other, *names):
    return [handout[name] for name in names] == [other[name] for name in names]


def shells():
    return [shell for shell in ("sh", "bash", "dash") if shutil.which(shell)]
