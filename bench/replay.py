"""`python -m bench.replay`: a partner comes back 9,900 events later, while others listen.

From a worker's log and from Valkey's history: how long until everything missed is there,
once each and in order, and what it costs a subscriber who follows live (100 events a
second). Ends with one line of JSON.
"""

import json
import re
import selectors
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

from bench import workers
from bench.installation import Installation, installed, quiet
from bench.load import now, percentile
from bench.machine import share_out, versions
from bench.push.events import sail
from harbor import create_app
from harbor.live.feed import Change, Feed, How
from harbor.runtime import Runtime

EVENTS, BATCH = 9_900, 110
"""A little below what is replayed at most, because events go on meanwhile."""
RATE, CALM_SECONDS, ROUNDS = 100.0, 5.0, 5
PATIENCE_SECONDS = 20.0
PLACES: Mapping[str, Mapping[str, str]] = {
    "log": {},
    "history": {"HARBOR_LOG_EVENTS_MAX": "500"},
}
_ID = re.compile(rb"^id: [0-9a-f]+-(\d+)$", re.MULTILINE)
_EPOCH = re.compile(rb"^id: ([0-9a-f]+)-", re.MULTILINE)


class Reader:
    """One stream: the numbers it was told, and when each one came."""

    def __init__(self, port: int, key: str, last: str = "") -> None:
        self.numbers: list[int] = []
        self.came_at: dict[int, float] = {}
        self.epoch = ""
        self._rest = b""
        resume = f"Last-Event-ID: {last}\r\n" if last else ""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(
            f"GET /stream?mode=all HTTP/1.1\r\nHost: bench\r\n{resume}"
            f"Authorization: Bearer {key}\r\n\r\n".encode()
        )
        self.socket.setblocking(False)

    def read(self) -> None:
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise RuntimeError("The stream has ended.")
        whole, found, self._rest = (self._rest + piece).rpartition(b"\n\n")
        at = now()
        for number in map(int, _ID.findall(whole)):
            self.numbers.append(number)
            self.came_at[number] = at
        if found and not self.epoch and (epoch := _EPOCH.search(whole)):
            self.epoch = epoch[1].decode()


class Scene:
    """Somebody listens live, events go on, and somebody else comes back."""

    def __init__(self, feed: Feed, changes: Iterator[Change], port: int, key: str) -> None:
        self._feed = feed
        self._changes = changes
        self._waiting = selectors.DefaultSelector()
        self._port, self._key = port, key
        self._due_at = now()
        self._sent_at: dict[int, float] = {}
        self.live = self._listen()

    def _listen(self, last: str = "") -> Reader:
        reader = Reader(self._port, self._key, last)
        self._waiting.register(reader.socket, selectors.EVENT_READ, reader)
        return reader

    def miss(self) -> None:
        """So many events that nobody waits for one by one."""
        for _ in range(EVENTS // BATCH):
            self._feed.publish(uuid4(), [next(self._changes) for _ in range(BATCH)])
            self._read(0.02)
        number = self._feed.head().number
        self._pass(lambda: bool(self.live.numbers) and self.live.numbers[-1] >= number)
        self._due_at = now()

    def calm(self) -> list[float]:
        """Milliseconds from publishing to reading while nobody comes back."""
        begin = now()
        self._pass(lambda: now() > begin + CALM_SECONDS)
        return self._latencies(begin)

    def come_back(self) -> tuple[float, list[float]]:
        """Seconds until one who missed so many has them all; what others felt meanwhile."""
        newest = self.live.numbers[-1]
        begin = now()
        back = self._listen(f"{self.live.epoch}-{newest - EVENTS}")
        self._pass(lambda: bool(back.numbers) and back.numbers[-1] >= newest)
        took_s = now() - begin
        self._pass(lambda: now() > begin + 1.0)
        if back.numbers != list(range(newest - EVENTS + 1, back.numbers[-1] + 1)):
            raise RuntimeError("The replay has a gap or a repeat.")
        self._waiting.unregister(back.socket)
        back.socket.close()
        return took_s, self._latencies(begin)

    def _pass(self, is_over: Callable[[], bool]) -> None:
        until = now() + PATIENCE_SECONDS
        while not is_over():
            if now() > until:
                raise RuntimeError("What should come has not come.")
            if now() >= self._due_at:
                self._publish_one()
            wait_s = max(0.0, min(self._due_at - now(), 0.01))
            self._read(wait_s)

    def _read(self, wait_s: float) -> None:
        for key, _ in self._waiting.select(wait_s):
            key.data.read()

    def _publish_one(self) -> None:
        self._due_at += 1 / RATE
        at = now()
        self._feed.publish(uuid4(), [next(self._changes)])
        self._sent_at[self._feed.head().number] = at

    def _latencies(self, since: float) -> list[float]:
        return [
            1000 * (self.live.came_at[number] - at)
            for number, at in self._sent_at.items()
            if at >= since and number in self.live.came_at
        ]

    def close(self) -> None:
        self.live.socket.close()
        self._waiting.close()


def main() -> None:
    found: dict[str, object] = {}
    with installed(share_out()) as site, feed_of(site) as feed:
        changes = endless(site)
        for place, settings in PLACES.items():
            with workers.harbor(site, settings, site.cores.worker) as service:
                found |= measured(place, Scene(feed, changes, service.port, site.api_keys[0]))
    print(json.dumps({**found, "events": EVENTS, "versions": versions()}))
    if any(float(str(found[f"replay_{place}_s"])) >= 1 for place in PLACES):
        sys.exit("A replay took a second or longer.")


@contextmanager
def feed_of(site: Installation) -> Iterator[Feed]:
    app = create_app(quiet(site.settings))
    runtime: Runtime = app.extensions["harbor"]
    try:
        yield runtime.outgoing_feed(site.senders[0].fleet_id)
    finally:
        runtime.close()


def endless(site: Installation) -> Iterator[Change]:
    """Positions that are always newer than the ones before."""
    positions = sail(site).positions
    newest = max(one.recorded_us for one in positions)
    for step in count(1):
        one = positions[step % len(positions)]
        yield Change(How.POSITION, one._replace(recorded_us=newest + step * 1_000_000))


def measured(place: str, scene: Scene) -> dict[str, object]:
    try:
        scene.miss()
        calm = scene.calm()
        returns = [scene.come_back() for _ in range(ROUNDS)]
    finally:
        scene.close()
    took = sorted(seconds for seconds, _ in returns)
    felt = [one for _, latencies in returns for one in latencies]
    figures: dict[str, object] = {
        f"replay_{place}_s": round(took[ROUNDS // 2], 3),
        f"live_calm_p99_ms_{place}": percentile(calm, 0.99),
        f"live_replay_p99_ms_{place}": percentile(felt, 0.99),
        f"live_replay_max_ms_{place}": percentile(felt, 1.0),
    }
    print(f"From the {place}: {figures}", flush=True)
    return figures


if __name__ == "__main__":
    main()
