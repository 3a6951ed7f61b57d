"""A Signal K server for the journeys: the real one where `make signalk` has put it.

Else what the real one said, as tests/captures/signalk/signalk-server-stream.raw has it, is
said again by a small websocket server, over and over.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.journeys.fleet_server import PROJECT, free_port, wait_until

REAL = Path(sys.prefix) / "signalk" / "node_modules" / "signalk-server" / "bin"
RECORDED = PROJECT / "tests/captures/signalk/signalk-server-stream.raw"
PAUSE_S = 0.04
"""The recording has about 23 deltas of each second."""


@contextmanager
def signalk_server(folder: Path) -> Iterator[tuple[str, str]]:
    """Its address for the gateway, and in words which one it is."""
    if REAL.is_dir():
        with real(folder) as address:
            yield address, "signalk-server from npm, its sample data"
    else:
        with recorded() as address:
            yield address, "a recording of signalk-server"


@contextmanager
def real(folder: Path) -> Iterator[str]:
    port, node = free_port(), shutil.which("node")
    assert node is not None
    log = folder / "signalk.log"
    more = {
        "PORT": str(port),
        "TCPSTREAMPORT": str(free_port()),
        "NMEA0183PORT": str(free_port()),
        "SIGNALK_NODE_CONFIG_DIR": str(folder),
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [node, str(REAL / "signalk-server"), "--sample-nmea0183-data"],
            env=os.environ | more,
            stdout=out,
            stderr=out,
        )
    try:
        wait_until(lambda: "running at" in log.read_text(), 60, log.read_text)
        yield f"signalk://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(5)


@contextmanager
def recorded() -> Iterator[str]:
    greeting, *deltas = RECORDED.read_text().splitlines()
    ended = threading.Event()

    def speak(connection: ServerConnection) -> None:
        connection.send(greeting)
        try:
            connection.recv(10)
            while not ended.is_set():
                for delta in deltas:
                    connection.send(delta)
                    if ended.wait(PAUSE_S):
                        return
        except ConnectionClosed:
            return  # the gateway has left

    with serve(speak, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"signalk://127.0.0.1:{server.socket.getsockname()[1]}"
        ended.set()
        server.shutdown()
        thread.join(5)
