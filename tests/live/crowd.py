"""Two ways to the same bytes: a generator that is pulled, and a socket that is sent to."""

import _socket
import socket
import zlib

import gevent

from harbor.live.audience import Audience
from harbor.live.reading import Reading
from harbor.live.subscription import Subscription


class Visitor:
    """Whoever listens; may be told to go, and remembers how it ended."""

    def __init__(self):
        self.allowed = True
        self.reason = None
        self.bytes = 0

    def is_allowed(self):
        return self.allowed

    def end(self, reason, sent_bytes):
        self.reason, self.bytes = reason, sent_bytes


class Pulled:
    """The fallback: what the generator yields, read by a greenlet of its own."""

    def __init__(self, hub, wish, manners, last=None):
        self.visitor = Visitor()
        self._heard = b""
        reading = Reading(hub, wish, manners)
        self._frames = Subscription(reading, manners, self.visitor.is_allowed, last).frames()
        self._greenlet = gevent.spawn(self._read)

    def _read(self):
        for piece in self._frames:
            self._heard += piece

    def heard(self) -> bytes:
        return self._heard

    @property
    def is_over(self) -> bool:
        return self._greenlet.dead

    def close(self):
        self._greenlet.kill()


class Sent:
    """The hand-over: one end of a pair of sockets is the audience's."""

    def __init__(self, audience, wish, manners, last=None, *, is_compressed=False, buffer=None):
        self.visitor = Visitor()
        self.is_over = False
        self._compressed = zlib.decompressobj(31) if is_compressed else None
        self._heard = b""
        self.wire = 0
        mine, theirs = socket.socketpair()
        if buffer:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        mine.setblocking(False)
        self._mine = mine
        reading = Reading(audience.hub, wish, manners)
        opening = reading.opening(last)
        plain = _socket.socket(fileno=theirs.detach())
        plain.setblocking(False)
        audience.admit(plain, b"", opening, reading, self.visitor, is_compressed=is_compressed)

    def read(self, most=1 << 20) -> bytes:
        """What has come until now, at most so many bytes of it."""
        try:
            piece = self._mine.recv(most)
        except BlockingIOError:
            return b""
        self.is_over = not piece
        self.wire += len(piece)
        if self._compressed:
            piece = self._compressed.decompress(piece)
        self._heard += piece
        return piece

    def heard(self) -> bytes:
        while self.read():
            pass
        return self._heard

    def close(self):
        self._mine.close()

    def __del__(self):
        self._mine.close()


class Company:
    """An audience with its greenlets running."""

    def __init__(self, hub, manners):
        self.audience = Audience(hub, manners)
        services = (self.audience.run, self.audience.watch, self.audience.tend)
        self._greenlets = [gevent.spawn(service) for service in services]

    def close(self):
        gevent.killall(self._greenlets)
        self.audience.close()


def until(question, timeout_s=3.0):
    """Let others run until the answer is yes; fails when it does not come."""
    for _ in range(int(timeout_s / 0.005)):
        if question():
            return
        gevent.sleep(0.005)
    raise AssertionError(f"not within {timeout_s} s")


def settle():
    """Let everybody take what has happened."""
    for _ in range(20):
        gevent.sleep(0.001)


def without_retry(heard: bytes) -> bytes:
    """`retry:` is another for every client."""
    return b"\n\n".join(
        block for block in heard.split(b"\n\n") if not block.startswith(b"retry: ")
    )
