"""Lines from a TCP server, such as an AIS receiver or a multiplexer; it is called again."""

import random
import socket
from threading import Event

from harbor.gateway.intake import Intake, Lines

LOOK_S = 0.5
CONNECT_S = 10.0
PIECE_BYTES = 65_536
WAIT_S_MIN, WAIT_S_MAX = 1.0, 30.0
KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
"""A receiver that was switched off is missed within half a minute, though nobody speaks."""


class Connection:
    """One connection after the other, until told to stop."""

    def __init__(self, host: str, port: int) -> None:
        self.name = f"tcp://{host}:{port}"
        self._address = (host, port)
        self._failures = 0

    def run(self, intake: Intake, stop: Event) -> None:
        while not stop.is_set():
            try:
                self._read(intake, stop)
                fault = "it hung up"
            except OSError as error:
                fault = error.strerror or str(error)
            self._failures += 1
            intake.say(f"waiting for {self.name}: {fault}")
            stop.wait(retry_s(self._failures))

    def _read(self, intake: Intake, stop: Event) -> None:
        with socket.create_connection(self._address, CONNECT_S) as connection:
            for option in KEEPALIVE:
                connection.setsockopt(*option)
            connection.settimeout(LOOK_S)
            intake.say(f"connected to {self.name}")
            lines = Lines()
            while not stop.is_set():
                try:
                    piece = connection.recv(PIECE_BYTES)
                except TimeoutError:
                    continue
                if not piece:
                    return
                self._failures = 0
                intake.take(lines.feed(piece))


def retry_s(failures: int) -> float:
    """Longer from failure to failure, and different for every gateway."""
    longest = min(WAIT_S_MIN * 2.0 ** min(failures - 1, 10), WAIT_S_MAX)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter
