"""Pings at a steady rate while an audience listens, and what came of it."""

import time
from collections import deque
from dataclasses import dataclass

from bench import workers
from bench.load import Pool, Tally, moments, now, percentile, pool_of
from bench.machine import cpu_seconds
from bench.pings import Pings
from bench.subscribers import Audience
from harbor.demo.web import WebService

CONNECTIONS = 16
WARM_UP_PINGS, WARM_UP_RATE = 100, 50.0
LISTEN_SECONDS = 0.002
GRACE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Summary:
    """One measurement; `lost` and `repeated` are events, over all subscribers."""

    pings: int
    refused: int
    events: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    lost: int
    repeated: int
    published_twice: int
    post_p50_ms: float
    post_p99_ms: float
    closed: int
    client_cpu_share: float
    workers_cpu_share: float

    def show(self) -> None:
        print(
            f"  {self.events} events of {self.pings} pings: p50 {self.p50_ms} ms,"
            f" p99 {self.p99_ms} ms, max {self.max_ms} ms; lost {self.lost}, repeated"
            f" {self.repeated}, published twice {self.published_twice}, closed {self.closed},"
            f" refused {self.refused}; POST p50 {self.post_p50_ms} ms,"
            f" p99 {self.post_p99_ms} ms (workers {self.workers_cpu_share:.0%} of a core,"
            f" client {self.client_cpu_share:.0%})",
            flush=True,
        )


class Run:
    """The sender and the audience, turn by turn in one thread."""

    def __init__(self, audience: Audience, service: WebService, pings: Pings) -> None:
        self._audience = audience
        self._service = service
        self._pings = pings

    def warm_up(self) -> None:
        """A fresh worker reads its vessels and opens its connections first."""
        statuses = self._drive(WARM_UP_RATE, WARM_UP_PINGS).statuses
        print(f"Warm-up: answers by status {dict(statuses)}", flush=True)

    def measure(self, rate: float, seconds: float) -> Summary:
        audience = self._audience
        audience.forget()
        begin, cpu, own = now(), self._workers_cpu(), time.process_time()
        tally = self._drive(rate, int(rate * seconds))
        took = now() - begin
        busy = (self._workers_cpu() - cpu) / took
        own_busy = (time.process_time() - own) / took
        self._wait_for_the_last(tally.statuses[201])
        return self._summary(tally, own_busy, busy)

    def _drive(self, rate: float, count: int) -> Tally:
        """Send `count` pings; each event's clock starts when its POST is written."""
        tally = Tally()
        pings = self._pings.marked(count)
        due = deque(zip(moments(rate, count, now() + 0.1), pings, strict=True))
        until = due[-1][0] + GRACE_SECONDS
        with pool_of(self._service.port, CONNECTIONS) as pool:
            while (due or pool.busy) and now() < until:
                self._send_due(pool, due)
                wait_s = max(0.0, due[0][0] - now()) if due else LISTEN_SECONDS
                self._audience.listen(min(wait_s, LISTEN_SECONDS))
                for answer in pool.answers(0.0):
                    tally.add(answer)
        return tally

    def _send_due(self, pool: Pool, due: deque[tuple[float, tuple[bytes, bytes]]]) -> None:
        while due and pool.free and due[0][0] <= now():
            _, (moment, request) = due.popleft()
            begin = now()
            self._audience.posted_at[moment] = begin
            pool.send(request, begin)

    def _wait_for_the_last(self, accepted: int) -> None:
        """Until every open stream has as many events as were accepted, or time is over."""
        audience = self._audience
        until = now() + GRACE_SECONDS
        while now() < until and not audience.has_all(accepted):
            audience.listen(0.05)

    def _workers_cpu(self) -> float:
        return sum(cpu_seconds(pid) for pid in workers.worker_pids(self._service))

    def _summary(self, tally: Tally, own: float, busy: float) -> Summary:
        audience, times, statuses = self._audience, self._audience.latencies_ms, tally.statuses
        return Summary(
            pings=sum(statuses.values()),
            refused=sum(statuses.values()) - statuses[201],
            events=len(times),
            p50_ms=percentile(times, 0.5),
            p99_ms=percentile(times, 0.99),
            max_ms=percentile(times, 1.0),
            lost=audience.lost(statuses[201]),
            repeated=audience.repeated(),
            published_twice=audience.published_twice(),
            post_p50_ms=percentile(tally.latencies_ms, 0.5),
            post_p99_ms=percentile(tally.latencies_ms, 0.99),
            closed=audience.closed,
            client_cpu_share=round(own, 2),
            workers_cpu_share=round(busy, 2),
        )
