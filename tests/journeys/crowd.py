"""Many subscribers in one thread: some read, some stall, some come back when they are told."""

import heapq
import json
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

from tests.builders import bearer
from tests.journeys.fleet_server import FleetServer, wait_until
from tests.journeys.wire import Frame, Wire

PIECE = 65_536
SLOW_PIECE, SLOW_SECONDS = 4096, 0.08
SMALL_BUFFER = 4096
"""So that a reader who stops reading shows at the server soon."""
RESET = struct.pack("ii", 1, 0)
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


@dataclass(frozen=True, slots=True)
class Ending:
    """How one connection ended: what `reconnect` said last, if anything, and when."""

    at: float
    reason: str
    retry_ms: int | None


@dataclass
class Caller:
    """One subscriber over all its connections."""

    query: str
    headers: dict[str, str]
    comes_back: bool = False
    has_small_buffer: bool = False
    is_slow: bool = False
    last_event_id: str | None = None
    wire: Wire = field(default_factory=Wire)
    line: socket.socket | None = None
    heard: list[tuple[str, str | None, float]] = field(default_factory=list)
    """kind, id, when; what it was about is not kept: there are many of us"""
    frames: list[Frame] = field(default_factory=list)
    """Only of those who asked to keep them."""
    keeps_frames: bool = False
    connected_at: list[float] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    reason: str = ""
    is_stalled: bool = False

    def request(self) -> bytes:
        headers = {"Host": "harbor"} | self.headers
        if self.last_event_id:
            headers |= {"Last-Event-ID": self.last_event_id}
        lines = [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([f"GET /stream{self.query} HTTP/1.1", *lines, "", ""]).encode()

    def note(self, frame: Frame) -> None:
        self.heard.append((frame.kind, frame.event_id, time.monotonic()))
        self.last_event_id = frame.event_id or self.last_event_id
        if frame.kind == "reconnect":
            self.reason = json.loads(frame.data)["reason"]
        if self.keeps_frames:
            self.frames.append(frame)

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.heard]

    def numbers(self) -> list[int]:
        """Of all events, snapshots left out."""
        told = [one for kind, one, _ in self.heard if one and kind != "snapshot"]
        return [int(one.partition("-")[2]) for one in told]

    def gaps(self) -> list[tuple[int, int]]:
        """Neighbours that are not one after the other, over all its connections."""
        numbers = self.numbers()
        return [(a, b) for a, b in pairwise(numbers) if b != a + 1]


class Crowd:
    """Opens streams of one server; `with` ends them all."""

    def __init__(self, fleet: FleetServer) -> None:
        self.callers: list[Caller] = []
        self._fleet = fleet
        self._address = ("127.0.0.1", fleet.port)
        self._selector = selectors.DefaultSelector()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(10)
        for caller in self.callers:
            if caller.line is not None:
                caller.line.close()
        self._selector.close()

    def add(self, number: int, key: str = "", query: str = "", **more: object) -> list[Caller]:
        """Open so many streams, and wait until each has its first event."""
        own = more.pop("headers", None)
        headers = own or bearer(key or self._fleet.cast.partner_key)
        new = [Caller(query, headers, **more) for _ in range(number)]  # type: ignore[arg-type]
        self.callers += new
        for at, caller in enumerate(new):
            self._later(at * 0.001, caller, self._connect)
        wait_until(lambda: all(one.heard for one in new), 60, lambda: said_by(new))
        return new

    def stall(self, callers: Iterable[Caller]) -> None:
        """From now on these read nothing."""
        for caller in callers:
            caller.is_stalled = True

    def read_again(self, callers: Iterable[Caller]) -> None:
        for caller in callers:
            caller.is_stalled = False
            self._later(0, caller, self._watch)

    def come_back(self, caller: Caller) -> None:
        """Resume by the last id that was heard."""
        self._later(0, caller, self._connect)

    def cut(self, caller: Caller, by_reset: bool = False) -> None:
        """Hang up, politely or not."""
        assert caller.line is not None
        if by_reset:
            caller.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._later(0, caller, self._end)

    def _later(self, seconds: float, caller: Caller, work: Callable[[Caller], None]) -> None:
        with self._lock:
            entry = (time.monotonic() + seconds, next(self._order), lambda: work(caller))
            heapq.heappush(self._due, entry)

    def _run(self) -> None:
        while not self._closing.is_set():
            while (work := self._next_due()) is not None:
                work()
            for key, events in self._selector.select(0.02):
                self._serve(key.data, events)

    def _next_due(self) -> Callable[[], None] | None:
        with self._lock:
            if self._due and self._due[0][0] <= time.monotonic():
                return heapq.heappop(self._due)[2]
        return None

    def _connect(self, caller: Caller) -> None:
        caller.wire, caller.reason = Wire(), ""
        caller.line = line = socket.socket()
        if caller.has_small_buffer or caller.is_slow:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        line.setblocking(False)
        line.connect_ex(self._address)
        self._selector.register(line, WRITE, caller)

    def _serve(self, caller: Caller, events: int) -> None:
        assert caller.line is not None
        try:
            if events & WRITE:
                caller.line.send(caller.request())
                caller.connected_at.append(time.monotonic())
                self._selector.modify(caller.line, READ, caller)
            elif caller.is_stalled:
                self._selector.unregister(caller.line)
            elif not self._read(caller):
                self._end(caller)
        except OSError:
            self._end(caller)

    def _read(self, caller: Caller) -> bool:
        assert caller.line is not None
        piece = caller.line.recv(SLOW_PIECE if caller.is_slow else PIECE)
        for frame in caller.wire.take(piece):
            caller.note(frame)
        if piece and caller.is_slow:  # a little at a time, for ever
            self._selector.unregister(caller.line)
            self._later(SLOW_SECONDS, caller, self._watch)
        return bool(piece)

    def _watch(self, caller: Caller) -> None:
        with suppress(KeyError, ValueError):  # ended meanwhile, or was watched all the time
            if caller.line is not None and caller.line.fileno() >= 0:
                self._selector.register(caller.line, READ, caller)

    def _end(self, caller: Caller) -> None:
        assert caller.line is not None
        with suppress(KeyError, ValueError):  # it was not watched
            self._selector.unregister(caller.line)
        caller.line.close()
        retry_ms = caller.wire.retries_ms[-1] if caller.wire.retries_ms else None
        caller.endings.append(Ending(time.monotonic(), caller.reason, retry_ms))
        if caller.comes_back:
            self._later((retry_ms or 200) / 1000, caller, self._connect)


def stream_lines(fleet: FleetServer, event: str = "stream.") -> list[dict[str, Any]]:
    """The log's lines about streams: `stream.opened`, `stream.closed`, with their fields."""
    lines = [one for one in fleet.log.read_text().splitlines() if f'"event":"{event}' in one]
    return [json.loads(one) for one in lines]


def streams_open(fleet: FleetServer) -> int:
    """How many a server with one worker has, by its own word."""
    counts = [one["streams"] for one in stream_lines(fleet) if "streams" in one]
    return counts[-1] if counts else 0


def said_by(callers: list[Caller]) -> str:
    silent = [one for one in callers if not one.heard]
    statuses = {one.wire.status for one in silent}
    return f"{len(silent)} of {len(callers)} heard nothing, statuses {statuses}"


def peak(moments: Iterable[float], window_s: float) -> int:
    """The most of them within any window of so many seconds."""
    times = sorted(moments)
    first = most = 0
    for at, moment in enumerate(times):
        while times[first] < moment - window_s:
            first += 1
        most = max(most, at - first + 1)
    return most
