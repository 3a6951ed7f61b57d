"""Readers that hang up, and readers whose network is gone: both are noticed."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.builders import bearer
from tests.journeys.crowd import Crowd, stream_lines
from tests.journeys.fleet_server import FleetServer, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]

CAN_PART_NETWORKS = os.geteuid() == 0 and shutil.which("ip") is not None
AS_ROOT = pytest.mark.skipif(
    not CAN_PART_NETWORKS, reason="only root can make a network of its own, with `ip`"
)
NOTICED_SECONDS, GONE_SECONDS = 1.0, 45.0
FAR_READER = """
import socket, sys
line = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=10)
line.sendall(sys.argv[3].encode().decode("unicode_escape").encode())
print(line.recv(65536)[:15].decode(), flush=True)
line.settimeout(None)
while line.recv(65536):
    pass
"""


@pytest.fixture(scope="module")
def quiet_fleet(tmp_path_factory):
    """Its feed says nothing, not even a heartbeat, for as long as a test lasts."""
    server = FleetServer(tmp_path_factory.mktemp("harbor"), heartbeat_s=3600)
    try:
        server.set_up()
        server.start()
        yield server
    finally:
        server.tear_down()


def stream_ends(fleet):
    return stream_lines(fleet, "stream.closed")


def sockets_of(fleet):
    """Connections to readers that the workers hold."""
    fleet.http.clear()
    connections = [
        one for pid in fleet.workers() for one in psutil.Process(pid).net_connections()
    ]
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == fleet.port
        for one in connections
    )


@pytest.mark.parametrize("by_reset", [False, True], ids=["FIN", "RST"])
def test_a_reader_that_hangs_up_is_gone_within_a_second_though_nothing_is_said(
    quiet_fleet, figures, by_reset
):
    sockets_before = sockets_of(quiet_fleet)
    with Crowd(quiet_fleet) as crowd:
        callers, before = crowd.add(20), len(stream_ends(quiet_fleet))
        began = time.monotonic()
        for caller in callers:
            crowd.cut(caller, by_reset=by_reset)

        wait_until(lambda: len(stream_ends(quiet_fleet)) == before + 20, 5)
        took_s = time.monotonic() - began

    assert took_s < NOTICED_SECONDS
    assert {end["reason"] for end in stream_ends(quiet_fleet)[before:]} == {"client_left"}
    # Fewer is right too: what the boot asked may have been closing when we counted.
    assert wait_until(lambda: sockets_of(quiet_fleet) <= sockets_before, 15)
    how = "RST" if by_reset else "FIN"
    figures[f"20 hang-ups by {how}, feed silent"] = f"all noticed in {took_s:.2f} s"


@pytest.fixture
def far_network() -> Iterator[tuple[str, str]]:
    """A network namespace behind a pair of virtual cards: its name, and our address."""
    name = f"harbor-{secrets.token_hex(3)}"
    ours, theirs = f"hb{name[-6:]}o", f"hb{name[-6:]}t"
    third = secrets.randbelow(250) + 1
    address = f"10.231.{third}.1"
    ip("netns", "add", name)
    try:
        ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        ip("address", "add", f"{address}/24", "dev", ours)
        ip("link", "set", ours, "up")
        ip("-n", name, "address", "add", f"10.231.{third}.2/24", "dev", theirs)
        ip("-n", name, "link", "set", theirs, "up")
        yield name, address
    finally:
        ip("netns", "delete", name)  # and the cards with it


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)


@pytest.fixture
def reachable_fleet(tmp_path, far_network):
    """With the settings that operators have, on the address between the two networks."""
    server = FleetServer(tmp_path)
    server.settings["bind"] = f"{far_network[1]}:{server.port}"
    server.url = f"http://{far_network[1]}:{server.port}"
    try:
        server.set_up()
        server.start()
        yield server
    finally:
        server.tear_down()


@AS_ROOT
def test_a_reader_whose_network_is_gone_is_let_go_within_45_seconds(
    far_network, reachable_fleet, figures
):
    name, address = far_network
    reader = far_reader(reachable_fleet, name, address)
    try:
        began = time.monotonic()
        ip("-n", name, "link", "set", f"hb{name[-6:]}t", "down")
        wait_until(lambda: stream_ends(reachable_fleet), GONE_SECONDS + 10)
        took_s = time.monotonic() - began
    finally:
        reader.kill()
        reader.communicate(timeout=5)

    (end,) = stream_ends(reachable_fleet)
    assert took_s < GONE_SECONDS
    assert end["streams"] == 0
    figures["a reader whose link is down"] = f"gone after {took_s:.1f} s ({end['reason']})"


def far_reader(fleet, name, address):
    """A reader inside the other network, once it has its answer."""
    headers = {"Host": "harbor"} | bearer(fleet.cast.partner_key)
    lines = ["GET /stream HTTP/1.1", *(f"{key}: {said}" for key, said in headers.items())]
    request = "\\r\\n".join([*lines, "", ""])
    command = [sys.executable, "-c", FAR_READER, address, str(fleet.port), request]
    reader = subprocess.Popen(
        ["ip", "netns", "exec", name, *command], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert reader.stdout.readline().startswith("HTTP/1.1 200")
    return reader
