"""`python -m bench.outage`: a minute in which PostgreSQL hangs, under full load.

Every process of the server is stopped (SIGSTOP: connections stay open, nothing answers) while
1,000 positions a second fall due on 400 connections. What must stay bounded is sampled every
second: the worker's descriptors, memory and connections to PostgreSQL.
"""

import argparse
import json
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil

from bench import bare, workers
from bench.installation import Installation, installed
from bench.load import Pool, moments, now, percentile, pool_of
from bench.machine import allow_many_files, share_out, versions
from bench.pings import Pings

RATE, CONNECTIONS = 1000.0, 400
BEFORE_SECONDS, AFTER_SECONDS = 5.0, 10.0
GRACE_SECONDS = 15.0
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """What a worker holds at one moment."""

    descriptors: int
    uss_mb: float
    postgres_connections: int


@dataclass(slots=True)
class Story:
    """Answers as (moment, status, milliseconds since due) and samples, in order."""

    answers: list[tuple[float, int, float]] = field(default_factory=list)
    samples: list[tuple[float, Sample]] = field(default_factory=list)
    hung_at: float = 0.0
    woken_at: float = 0.0

    def between(self, begin: float, end: float) -> list[tuple[int, float]]:
        return [(status, ms) for at, status, ms in self.answers if begin <= at < end]


class Server:
    """Every process of PostgreSQL; they go on at the end, whatever happens."""

    def __init__(self, site: Installation) -> None:
        self._postmaster = psutil.Process(site.postgres_pid)
        self._stopped: list[psutil.Process] = []

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.wake()

    def hang(self) -> None:
        # The first one starts the others, so nothing is missed.
        self._postmaster.suspend()
        backends = self._postmaster.children(recursive=True)
        self._stopped = [*backends, self._postmaster]
        for process in backends:
            process.suspend()

    def wake(self) -> None:
        stopped, self._stopped = self._stopped, []
        for process in stopped:
            process.resume()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60.0, help="of hanging")
    given = arguments.parse_args()
    allow_many_files()
    with installed(share_out()) as site:
        with workers.harbor(site, {}, site.cores.worker) as service:
            (pid,) = workers.worker_pids(service)
            story = run(site, service.port, psutil.Process(pid), given.seconds)
        with bare.connected(site.postgres_url) as connection:
            rows = bare.count(connection, "position")
    print(json.dumps({**told(story, rows), "versions": versions()}))


def run(site: Installation, port: int, worker: psutil.Process, seconds: float) -> Story:
    """Load throughout; PostgreSQL hangs in the middle."""
    story = Story()
    length_s = BEFORE_SECONDS + seconds + AFTER_SECONDS
    print(f"Signing {RATE * length_s:.0f} positions", flush=True)
    requests = Pings(site.senders).singles(int(RATE * length_s))
    begin = now() + 0.1
    steps = deque(
        [(begin + BEFORE_SECONDS, "hang"), (begin + BEFORE_SECONDS + seconds, "wake")]
    )
    due = deque(zip(moments(RATE, len(requests), begin), requests, strict=True))
    until, sample_at = begin + length_s + GRACE_SECONDS, begin
    with pool_of(port, CONNECTIONS) as pool, Server(site) as server:
        while (due or pool.busy) and now() < until:
            if steps and now() >= steps[0][0]:
                turn(server, steps.popleft()[1], story)
            if now() >= sample_at:
                story.samples.append((now(), sample(worker, site)))
                sample_at += 1.0
            exchange(pool, due, story)
    return story


def turn(server: Server, what: str, story: Story) -> None:
    print(f"PostgreSQL: {what}", flush=True)
    if what == "hang":
        server.hang()
        story.hung_at = now()
    else:
        server.wake()
        story.woken_at = now()


def exchange(pool: Pool, due: deque[tuple[float, bytes]], story: Story) -> None:
    """Send what is due while a connection is free, and take the answers that came."""
    while due and pool.free and due[0][0] <= now():
        moment, request = due.popleft()
        pool.send(request, moment)
    wait_s = max(0.0, min(0.1, due[0][0] - now())) if due and pool.free else 0.1
    for answer in pool.answers(wait_s):
        story.answers.append((now(), answer.status, 1000 * (now() - answer.due_at)))


def sample(worker: psutil.Process, site: Installation) -> Sample:
    to_postgres = [one for one in worker.net_connections() if one.raddr]
    port = int(site.postgres_url.rpartition(":")[2].partition("/")[0])
    return Sample(
        worker.num_fds(),
        round(worker.memory_full_info().uss / MEGABYTE, 1),
        sum(one.raddr.port == port for one in to_postgres),
    )


def told(story: Story, rows: int) -> dict[str, Any]:
    """The figures, and whether what was acknowledged is what is stored."""
    acknowledged = sum(status in {200, 201} for _, status, _ in story.answers)
    hung = story.between(story.hung_at, story.woken_at)
    recovered = [at for at, status, _ in story.answers if at > story.woken_at and status == 201]
    before = [one for at, one in story.samples if at < story.hung_at]
    during = [one for at, one in story.samples if at >= story.hung_at]
    return {
        "hung_seconds": round(story.woken_at - story.hung_at, 1),
        "answers_while_hung": dict(Counter(status for status, _ in hung)),
        "ms_while_hung": spread([ms for _, ms in hung]),
        "recovered_after_s": round(recovered[0] - story.woken_at, 2) if recovered else None,
        "before": most(before),
        "most_while_hung_and_after": most(during),
        "rows_acknowledged": acknowledged,
        "rows_stored": rows,
        "unplanned": sum(status not in {200, 201, 503} for _, status, _ in story.answers),
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "p50": percentile(values, 0.5),
        "p99": percentile(values, 0.99),
        "max": percentile(values, 1),
    }


def most(samples: Sequence[Sample]) -> dict[str, float]:
    return {
        "descriptors": max(one.descriptors for one in samples),
        "uss_mb": max(one.uss_mb for one in samples),
        "postgres_connections": max(one.postgres_connections for one in samples),
    }


if __name__ == "__main__":
    main()
