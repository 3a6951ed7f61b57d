"""Lines by UDP, as chart plotters and AIS receivers send them to whoever listens."""

import socket
from contextlib import ExitStack, suppress
from hashlib import blake2b
from ipaddress import ip_address
from threading import Event

from harbor.errors import Misconfigured
from harbor.gateway.buffer import Mark
from harbor.gateway.intake import Intake

LOOK_S = 0.5
DATAGRAM_BYTES_MAX = 65_535
KERNEL_BUFFER_BYTES = 4 * 1024 * 1024
LAST = "last datagram"


class Datagrams:
    """A socket of our own, or one that systemd holds while this process is away.

    Of the second kind nothing is lost or read twice when the process is killed: a datagram is
    looked at, put on disk, and only then taken; the next process knows the one it may have
    left there.
    """

    def __init__(self, name: str, listener: socket.socket, is_inherited: bool = False) -> None:
        self.name = name
        self._socket = listener
        self._is_inherited = is_inherited
        self._socket.settimeout(LOOK_S)

    def run(self, intake: Intake, stop: Event) -> None:
        intake.say(f"listening on {self.name}")
        known = intake.mark(LAST) if self._is_inherited else None
        with self._socket:
            while not stop.is_set():
                with suppress(TimeoutError):
                    self._take_one(intake, known)
                    known = None

    def _take_one(self, intake: Intake, known: str | None) -> None:
        if not self._is_inherited:
            intake.take(self._socket.recv(DATAGRAM_BYTES_MAX).splitlines())
            return
        datagram = self._socket.recv(DATAGRAM_BYTES_MAX, socket.MSG_PEEK)
        digest = blake2b(datagram, digest_size=16).hexdigest()
        if digest != known:
            intake.take(datagram.splitlines(), Mark(LAST, digest))
        self._socket.recv(DATAGRAM_BYTES_MAX)


def bound(host: str, port: int) -> socket.socket:
    """Raises Misconfigured when the port is taken."""
    with ExitStack() as opened:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
            listener = opened.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BUFFER_BYTES)
            _bind(listener, host, port)
        except OSError as error:
            raise Misconfigured(
                f"Nothing can be received on {host}:{port}: {error}."
            ) from error
        opened.pop_all()
        return listener


def _bind(listener: socket.socket, host: str, port: int) -> None:
    """To the address, or to the group when it is one of multicast."""
    with suppress(ValueError):
        address = ip_address(host)
        if address.is_multicast and address.version == 4:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            group = address.packed + b"\0\0\0\0"
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    listener.bind((host, port))


def inherited(descriptor: int) -> socket.socket:
    """What was opened before this process began; raises Misconfigured if it is no socket."""
    try:
        listener = socket.socket(fileno=descriptor)
    except OSError as error:
        raise Misconfigured(f"fd://{descriptor} is no socket: {error}.") from error
    if listener.type != socket.SOCK_DGRAM:
        listener.close()
        raise Misconfigured(f"fd://{descriptor} does not receive datagrams.")
    return listener
