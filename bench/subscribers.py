"""Subscribers of /stream on raw sockets in one process: cheap, so that they don't count.

All of them get the same frames byte for byte, so a frame is taken apart once and found
in a dictionary by all the others.
"""

import re
import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import now

_NUMBER = re.compile(rb"^id: [^-\n]+-(\d+)\nevent: (\w+)\n")
_MOMENT = re.compile(rb'"recorded_at":"([^"]+)"')
RECEIVE_BYTES = 262_144
REQUEST = (
    "GET /stream?mode=all HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
    "Authorization: Bearer {key}\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A numbered event: its feed number, and when its POST began (None: not ours)."""

    number: int
    posted_at: float | None


class Subscriber:
    """One stream: what is left of a frame, the last number, what was lost or repeated."""

    __slots__ = ("first", "is_open", "lost", "number", "repeated", "rest", "socket")

    def __init__(self, port: int, key: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.sendall(REQUEST.format(key=key).encode())
        self.socket.setblocking(False)
        self.rest = b""
        self.number = self.first = -1
        self.lost = self.repeated = 0
        self.is_open = True

    def take(self, number: int) -> None:
        if number <= self.number:
            self.repeated += 1
            return
        self.lost += number - self.number - 1
        self.number = number


class Audience:
    """All subscribers of a bench, and the latencies (ms) they have seen."""

    def __init__(self, port: int, keys: Sequence[str]) -> None:
        self._port = port
        self._keys = keys
        self._waiting = selectors.DefaultSelector()
        self._frames: dict[bytes, Frame | None] = {}
        self.members: list[Subscriber] = []
        self.latencies_ms: list[float] = []
        self.posted_at: dict[bytes, float] = {}
        self._numbers: dict[bytes, set[int]] = {}
        self.closed = 0

    def grow(self, count: int, patience_s: float = 60.0) -> None:
        """Connect until there are `count`, and wait until each has its snapshot."""
        until = now() + patience_s
        while len(self.members) < count:
            key = self._keys[len(self.members) % len(self._keys)]
            member = Subscriber(self._port, key)
            self.members.append(member)
            self._waiting.register(member.socket, selectors.EVENT_READ, member)
            self.listen(0.0)
        while any(one.number < 0 and one.is_open for one in self.members) and now() < until:
            self.listen(0.1)

    def listen(self, timeout_s: float) -> None:
        """Read what has come within the time-out."""
        for key, _ in self._waiting.select(timeout_s):
            member: Subscriber = key.data
            try:
                piece = member.socket.recv(RECEIVE_BYTES)
            except ConnectionError:
                piece = b""
            if piece:
                self._read(member, piece, now())
            else:
                self._leave(member)

    def _leave(self, member: Subscriber) -> None:
        self._waiting.unregister(member.socket)
        member.socket.close()
        member.is_open = False
        self.closed += 1

    def _read(self, member: Subscriber, piece: bytes, at: float) -> None:
        *blocks, member.rest = (member.rest + piece).split(b"\n\n")
        for block in blocks:
            try:
                frame = self._frames[block]
            except KeyError:
                frame = self._first_sight(member, block)
            if frame is None:
                continue
            member.take(frame.number)
            if frame.posted_at is not None:
                self.latencies_ms.append(1000 * (at - frame.posted_at))

    def _first_sight(self, member: Subscriber, block: bytes) -> Frame | None:
        """Take a frame apart; gunicorn's chunk sizes may stand around it."""
        begin = block.find(b"id: ")
        found = _NUMBER.match(block[begin:]) if begin >= 0 else None
        if found is None:
            return None
        number = int(found[1])
        if found[2] == b"snapshot":
            member.number = member.first = number
            return None
        moment = _MOMENT.search(block)
        posted_at = self.posted_at.get(moment[1]) if moment else None
        if moment and posted_at is not None:
            self._numbers.setdefault(moment[1], set()).add(number)
        frame = Frame(number, posted_at)
        self._frames[block] = frame
        return frame

    @property
    def listening(self) -> int:
        """Streams that have had their snapshot and are open."""
        return sum(one.is_open and one.number >= 0 for one in self.members)

    def forget(self) -> None:
        """Begin a new measurement with the same streams."""
        self._frames.clear()
        self.latencies_ms.clear()
        self.posted_at.clear()
        self._numbers.clear()
        for one in self.members:
            one.first, one.lost, one.repeated = one.number, 0, 0

    def has_all(self, events: int) -> bool:
        return all(one.number - one.first >= events for one in self.members if one.is_open)

    def lost(self, events: int) -> int:
        """Gaps in the numbers, and what open streams still lack of `events` at the end.

        What a closed stream did not get is not lost: a client comes back with its last id.
        """
        still_open = [one for one in self.members if one.is_open]
        behind = (max(0, events - (one.number - one.first)) for one in still_open)
        return sum(behind) + sum(one.lost for one in self.members)

    def repeated(self) -> int:
        return sum(one.repeated for one in self.members)

    def published_twice(self) -> int:
        """Positions that came again under another feed number."""
        return sum(len(numbers) - 1 for numbers in self._numbers.values())

    def close(self) -> None:
        self._waiting.close()
        for member in self.members:
            member.socket.close()
