"""Load on one worker: as much as it takes, or so much a second whether it keeps up or not."""

import random
import selectors
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.line import Answer, Line

GRACE_SECONDS = 15.0
now = time.perf_counter


@dataclass(slots=True)
class Tally:
    """What came of a round. `per_second` counts only answers inside the clock."""

    seconds: float = 0.0
    inside: int = 0
    client_cpu_share: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.inside / self.seconds

    def add(self, answer: Answer) -> None:
        self.statuses[answer.status] += 1
        self.latencies_ms.append(1000 * (now() - answer.due_at))


class Pool:
    """Keep-alive connections, and which of them are free (longest idle first)."""

    def __init__(self, port: int, connections: int) -> None:
        self.lines = [Line(port) for _ in range(connections)]
        self.free = deque(self.lines)
        self._waiting = selectors.DefaultSelector()
        for line in self.lines:
            self._waiting.register(line, selectors.EVENT_READ, line)

    @property
    def busy(self) -> int:
        return len(self.lines) - len(self.free)

    def send(self, request: bytes, due_at: float) -> None:
        self.free.popleft().send(request, due_at)

    def answers(self, timeout_s: float) -> Iterator[Answer]:
        """What comes within the time-out; the connection is free again then."""
        for key, _ in self._waiting.select(timeout_s):
            answer = key.data.read()
            if answer is not None:
                self.free.append(key.data)
                yield answer

    def close(self) -> None:
        self._waiting.close()
        for line in self.lines:
            line.close()


@contextmanager
def pool_of(port: int, connections: int) -> Iterator[Pool]:
    pool = Pool(port, connections)
    try:
        yield pool
    finally:
        pool.close()


def closed_loop(
    port: int, requests: Sequence[bytes], connections: int, seconds: float
) -> Tally:
    """Every connection sends its next request as soon as it has its answer.

    Ends early when the requests run out; waits for every answer before it returns.
    """
    tally, left = Tally(), iter(requests)
    with pool_of(port, connections) as pool:
        started, cpu = now(), time.process_time()
        for _ in range(connections):
            pool.send(next(left), now())
        while (at := now()) - started < seconds:
            for answer in pool.answers(0.1):
                tally.add(answer)
            while pool.free and (request := next(left, None)) is not None:
                pool.send(request, now())
            if not pool.busy:
                break
        tally.inside = sum(tally.statuses.values())
        tally.seconds = now() - started
        tally.client_cpu_share = (time.process_time() - cpu) / tally.seconds
        drain(pool, tally, at + GRACE_SECONDS)
    return tally


def open_loop(port: int, requests: Sequence[bytes], rate: float, connections: int) -> Tally:
    """Requests fall due at random moments, `rate` a second on average.

    The clock of each runs from when it was due, so waiting for a free connection counts.
    """
    tally = Tally()
    due = deque(zip(moments(rate, len(requests), now() + 0.05), requests, strict=True))
    with pool_of(port, connections) as pool:
        started, cpu = now(), time.process_time()
        until = due[-1][0] + GRACE_SECONDS
        while (due or pool.busy) and now() < until:
            while due and pool.free and due[0][0] <= now():
                moment, request = due.popleft()
                pool.send(request, moment)
            wait_s = max(0.0, due[0][0] - now()) if due and pool.free else 0.1
            for answer in pool.answers(wait_s):
                tally.add(answer)
        tally.inside = sum(tally.statuses.values())
        tally.seconds = now() - started
        tally.client_cpu_share = (time.process_time() - cpu) / tally.seconds
    return tally


def drain(pool: Pool, tally: Tally, until: float) -> None:
    """The answers that are still on their way count as acknowledged, not as speed."""
    while pool.busy and now() < until:
        for answer in pool.answers(0.1):
            tally.add(answer)


def moments(rate: float, count: int, begin: float) -> Iterator[float]:
    """Random arrivals, the same ones in every run."""
    dice = random.Random(1852)
    at = begin
    for _ in range(count):
        at += dice.expovariate(rate)
        yield at


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 when there is nothing."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else 0
