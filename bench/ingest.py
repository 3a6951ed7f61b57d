"""`python -m bench.ingest`: positions a second through one worker's webhook.

The warm-up round is also the cold start: a fresh worker meets all connections at once.
Beside it, in the same run and on the same core: a Flask view that does nothing, and for
arrays a bare insert loop. On a busy machine only the ratios mean something.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench import bare, growth, workers
from bench.fill import ROWS
from bench.installation import Installation, installed
from bench.load import Tally, closed_loop, open_loop, percentile
from bench.machine import cpu_seconds, pinned, pss_kilobytes, share_out, versions
from bench.pings import Pings
from harbor.demo.web import WebService

CONNECTIONS = 64
ARRAY_ROWS = 500
ARRAY_CONNECTIONS = 4
REQUESTS_MAX = 40_000
ARRAYS_MAX = 300
HALF_LOAD_SECONDS = 10.0
MILLION = 1_000_000
PATIENCE_SECONDS = 120.0

Result = dict[str, Any]
Speed = tuple[float, float]
"""Requests a second of the clock, and of the worker's own CPU time."""


@dataclass(slots=True)
class Bench:
    """One run: what is measured, and what Harbor has acknowledged so far."""

    site: Installation
    pings: Pings
    seconds: float
    rounds: int
    acknowledged_rows: int = 0
    problems: list[str] = field(default_factory=list)

    def load(
        self, name: str, service: WebService, requests: Sequence[bytes], connections: int
    ) -> tuple[Tally, float]:
        """One closed round, and the share of a core that the worker had."""
        (pid,) = workers.worker_pids(service)
        before = cpu_seconds(pid)
        tally = closed_loop(service.port, requests, connections, self.seconds)
        busy = (cpu_seconds(pid) - before) / tally.seconds
        print(
            f"  {name}: {tally.per_second:.0f} requests/s in {tally.seconds:.1f} s"
            f" (worker {busy:.0%} of a core, client {tally.client_cpu_share:.0%})",
            flush=True,
        )
        self.check(name, tally)
        service.is_running()  # cuts its log
        return tally, busy

    def check(self, name: str, tally: Tally) -> None:
        if set(tally.statuses) != {201}:
            self.problems.append(f"{name}: answers by status {dict(tally.statuses)}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=5.0, help="length of a round")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument(
        "--rows", type=int, default=ROWS, help="in the filled table; 0: leave it out"
    )
    given = arguments.parse_args()
    with installed(share_out()) as site:
        bench = Bench(site, Pings(site.senders), given.seconds, given.rounds)
        with workers.harbor(site, {}, site.cores.worker) as service:
            result = one_by_one(bench, service)
            result |= at_half_load(bench, service, result["positions_per_s"])
            result |= in_arrays(bench, service)
            result |= over_a_million(bench, service)
            result |= stored(bench)
        if given.rows:
            result |= growth.measured(site, given.seconds, given.rounds, given.rows)
    print(json.dumps({**result, "problems": bench.problems, "versions": versions()}))


def one_by_one(bench: Bench, service: WebService) -> Result:
    """Harbor and the view that does nothing, in turns."""
    speeds: dict[str, list[Speed]] = {"harbor": [], "noop": []}
    with workers.noop(bench.site) as noop:
        services = {"harbor": service, "noop": noop}
        for number in range(bench.rounds + 1):
            print(
                f"Round {number} of {bench.rounds}: single positions"
                + " (warm-up)" * (not number)
            )
            for name, one in services.items():
                speed = single_round(bench, name, one)
                if number:
                    speeds[name].append(speed)
    return compared(speeds["harbor"], speeds["noop"])


def compared(ours: list[Speed], noop: list[Speed]) -> Result:
    """Medians and ratios; those by CPU time also hold while others use the cores."""
    speeds = [median(speed for speed, _ in found) for found in (ours, noop)]
    by_cpu = [median(speed for _, speed in found) for found in (ours, noop)]
    return {
        "positions_per_s": round(speeds[0]),
        "noop_per_s": round(speeds[1]),
        "single_vs_noop": ratio([one for one, _ in ours], [one for one, _ in noop]),
        "positions_per_cpu_s": round(by_cpu[0]),
        "noop_per_cpu_s": round(by_cpu[1]),
        "single_vs_noop_by_cpu": round(by_cpu[0] / by_cpu[1], 3),
    }


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Round by round, then the median: neighbours share what else the machine does."""
    return round(median(one / other for one, other in zip(ours, theirs, strict=True)), 3)


def single_round(bench: Bench, name: str, service: WebService) -> Speed:
    """Fresh positions for Harbor; the view that does nothing may see the same again."""
    if name == "harbor":
        requests = bench.pings.singles(int(2000 * bench.seconds))
    else:
        requests = bench.pings.singles(CONNECTIONS) * (REQUESTS_MAX // CONNECTIONS)
    tally, busy = bench.load(name, service, requests, CONNECTIONS)
    if name == "harbor":
        bench.acknowledged_rows += tally.statuses[201]
    return tally.per_second, tally.per_second / busy


def at_half_load(bench: Bench, service: WebService, ceiling: float) -> Result:
    """How long one position takes when they come at half of what the worker can take."""
    rate = ceiling / 2
    print(f"Latency at {rate:.0f} positions/s, {HALF_LOAD_SECONDS:.0f} s", flush=True)
    requests = bench.pings.singles(int(rate * HALF_LOAD_SECONDS))
    tally = open_loop(service.port, requests, rate, CONNECTIONS)
    bench.acknowledged_rows += tally.statuses[201]
    bench.check("half load", tally)
    return {
        "half_load_per_s": round(tally.per_second),
        "p50_ms_half_load": percentile(tally.latencies_ms, 0.5),
        "p99_ms_half_load": percentile(tally.latencies_ms, 0.99),
        "max_ms_half_load": percentile(tally.latencies_ms, 1.0),
    }


def in_arrays(bench: Bench, service: WebService) -> Result:
    """Arrays through the webhook and the bare insert loop in turns, both on one core."""
    ours: list[float] = []
    theirs: list[float] = []
    cores = bench.site.cores
    with bare.connected(bench.site.postgres_url) as connection:
        bare.make_table(connection)
        for number in range(bench.rounds + 1):
            print(
                f"Round {number} of {bench.rounds}: arrays of {ARRAY_ROWS}"
                + " (warm-up)" * (not number)
            )
            ours.append(array_round(bench, service))
            rows = bench.pings.rows(ARRAYS_MAX * ARRAY_ROWS)
            statements = [rows[at : at + ARRAY_ROWS] for at in range(0, len(rows), ARRAY_ROWS)]
            with pinned(cores.worker, cores.rest):
                theirs.append(bare.insert(connection, statements, bench.seconds))
            print(f"  bare insert: {theirs[-1]:.0f} rows/s", flush=True)
    array_speed, bare_speed = median(ours[1:]), median(theirs[1:])
    return {
        "array_rows_per_s": round(array_speed),
        "bare_rows_per_s": round(bare_speed),
        "array_vs_bare_insert": ratio(ours[1:], theirs[1:]),
        "array_rounds": [
            [round(one), round(other)] for one, other in zip(ours, theirs, strict=True)
        ],
    }


def array_round(bench: Bench, service: WebService) -> float:
    requests = bench.pings.arrays(ARRAYS_MAX, ARRAY_ROWS)
    tally, _ = bench.load("harbor", service, requests, ARRAY_CONNECTIONS)
    bench.acknowledged_rows += tally.statuses[201] * ARRAY_ROWS
    return tally.per_second * ARRAY_ROWS


def over_a_million(bench: Bench, service: WebService) -> Result:
    """The worker's own memory at each tenth of a million positions, in arrays."""
    (pid,) = workers.worker_pids(service)
    grown_mb: list[float] = []
    print(f"Memory over {MILLION:,} positions")
    for tenth in range(11):
        if tenth:
            requests = bench.pings.arrays(MILLION // 10 // ARRAY_ROWS, ARRAY_ROWS)
            tally = closed_loop(service.port, requests, ARRAY_CONNECTIONS, PATIENCE_SECONDS)
            bench.check("a million", tally)
            bench.acknowledged_rows += tally.statuses[201] * ARRAY_ROWS
        grown_mb.append(round(pss_kilobytes(pid) / 1024, 1))
        print(f"  {tenth * MILLION // 10:>9,}: {grown_mb[-1]} MB", flush=True)
    return {
        "memory_mb_by_100k": grown_mb,
        "memory_growth_mb": round(grown_mb[-1] - grown_mb[1], 1),
    }


def stored(bench: Bench) -> Result:
    """Acknowledged means kept: count what is in the table."""
    with bare.connected(bench.site.postgres_url) as connection:
        rows = bare.count(connection, "position")
    if rows != bench.acknowledged_rows:
        bench.problems.append("rows stored and rows acknowledged differ")
    return {"rows_acknowledged": bench.acknowledged_rows, "rows_stored": rows}


if __name__ == "__main__":
    main()
