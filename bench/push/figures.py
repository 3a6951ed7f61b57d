"""What the results come to: each figure by name, and which goals and floors it meets."""

import operator
from dataclasses import dataclass

from bench.push import compression
from bench.push.load import Result
from bench.push.peers import Bench
from bench.push.plans import SHARED_CORES
from bench.push.results import Results, Value

Figures = dict[str, float | None]
SHARED = SHARED_CORES.name

CPU = operator.attrgetter("cpu_us_per_delivery")
SPEED = operator.attrgetter("deliveries_per_s")
P99 = operator.attrgetter("p99_ms")
TOOK = operator.attrgetter("took_s")
BYTES = operator.attrgetter("bytes_per_delivery")
LOST = operator.attrgetter("lost")
CONNECT = operator.attrgetter("connect_cpu_ms")
PEAK = operator.attrgetter("peak_per_s")
MEMORY = operator.attrgetter("kb_per_subscriber")


def busier_share(result: Result) -> float:
    """Of two workers' descriptors, those of the one that has more; the master's come first."""
    workers = result.descriptors[1:]
    return max(workers) / max(1, sum(workers)) if workers else 0.0


def grown_mb(result: Result) -> float:
    return (result.pss_end_kb - result.pss_idle_kb) / 1024


@dataclass(frozen=True, slots=True)
class Goal:
    """A line of the table of what is wanted; `floor` None: missing it fails nothing."""

    key: str
    what: str
    is_at_least: bool
    goal: float
    floor: float | None

    def meets(self, figures: Figures, wanted: float | None) -> bool | None:
        """None when there is nothing to compare."""
        value = figures.get(self.key)
        if value is None or wanted is None:
            return None
        return value >= wanted if self.is_at_least else value <= wanted


GOALS = (
    Goal("c_vs_ours", "CPU a delivery, 1,000 readers: C / Harbor", True, 0.90, 0.70),
    Goal("c_vs_ours_5000", "the same, 5,000 readers", True, 0.90, 0.70),
    Goal("nchan_vs_ours", "CPU a delivery, 1,000 readers: nchan / Harbor", True, 1.5, 1.2),
    Goal("nchan_vs_ours_5000", "the same, 5,000 readers", True, 1.5, 1.2),
    Goal("batched_c_vs_ours", "64 outstanding: batched C / Harbor", True, 0.90, 0.60),
    Goal("batched_c_vs_ours_5000", "the same, 5,000 readers", True, 0.90, 0.60),
    Goal("burst_nchan_vs_ours", "1,000 events at once: nchan / Harbor", True, 50, 20),
    Goal("p99_ms_2000x1000", "2,000 events/s to 1,000: p99 ms", False, 50, 250),
    Goal("lost_2000x1000", "2,000 events/s to 1,000: lost", False, 0, 0),
    Goal("p99_10x10000_vs_nchan", "10/s to 10,000, p99: Harbor / nchan", False, 1.0, None),
    Goal("kb_per_subscriber", "memory of an idle subscriber, KB", False, 0.5, 2),
    Goal("connect_ms", "CPU a connect, 1,000 at once, ms", False, 0.25, 0.5),
    Goal("groups_10_vs_1", "ten filter groups / one", False, 1.3, 2),
    Goal("workers_2_vs_1", "two workers on two cores / one", True, 1.8, 1.5),
    Goal("stalled_p99_ratio", "p99 with 100 of 1,000 stalled / without", False, 1.1, None),
    Goal("lost", "lost in all of Harbor's measurements", False, 0, 0),
    Goal("not_connected", "refused in all of Harbor's measurements", False, 0, 0),
)


def figures_of(results: Results, bench: Bench) -> Figures:
    """Medians of the rounds; None where a peer is missing."""
    found = {
        **_speed(results),
        **_latency(results),
        **_costs(results),
        **_filters(results),
        **_workers(results),
        **_compression(results, bench),
    }
    return {name: None if value is None else round(value, 3) for name, value in found.items()}


def _speed(results: Results) -> Figures:
    def against(peer: str, plan: str, value: Value = CPU) -> float | None:
        return results.ratio((peer, plan), ("harbor", plan), value)

    return {
        "c_vs_ours": against("c", "one"),
        "c_vs_ours_5000": against("c", "one_5000"),
        "nchan_vs_ours": against("nchan", "one"),
        "nchan_vs_ours_5000": against("nchan", "one_5000"),
        "batched_c_vs_ours": against("c_batched", "many"),
        "batched_c_vs_ours_5000": against("c_batched", "many_5000"),
        "burst_nchan_vs_ours": against("nchan", "burst", TOOK),
        "burst_cpu_nchan_vs_ours": against("nchan", "burst", CPU),
        "burst_batched_c_vs_ours": against("c_batched", "burst", TOOK),
        "us_per_delivery": results.median("harbor", "one", CPU),
        "us_per_delivery_batched": results.median("harbor", "many", CPU),
        "bytes_per_delivery": results.median("harbor", "one", BYTES),
    }


def _latency(results: Results) -> Figures:
    return {
        "p99_ms_2000x1000": results.median("harbor", "rate", P99),
        "lost_2000x1000": results.largest("harbor", "rate", LOST),
        "batched_c_p99_ms_2000x1000": results.median("c_batched", "rate", P99),
        "p99_ms_10x10000": results.median("harbor", "largest", P99),
        "nchan_p99_ms_10x10000": results.median("nchan", "largest", P99),
        "p99_10x10000_vs_nchan": results.ratio(
            ("harbor", "largest"), ("nchan", "largest"), P99
        ),
        "stalled_p99_ratio": results.ratio(("harbor", "stalled"), ("harbor", "calm"), P99),
        "stalled_grown_mb": results.median("harbor", "stalled", grown_mb),
        "calm_grown_mb": results.median("harbor", "calm", grown_mb),
        "lost": float(sum(one.lost for one in results.of("harbor")) + results.gzip_lost),
        "repeated": float(sum(one.repeated for one in results.of("harbor"))),
        "not_connected": float(sum(one.failed for one in results.of("harbor"))),
    }


def _costs(results: Results) -> Figures:
    def proxied(plan: str) -> float | None:
        return results.ratio(("proxy", plan), ("harbor", plan), CPU)

    return {
        "kb_per_subscriber": results.median("harbor", "largest", MEMORY),
        "nchan_kb_per_subscriber": results.median("nchan", "largest", MEMORY),
        "connect_ms": results.median("harbor", "storm", CONNECT),
        "nchan_connect_ms": results.median("nchan", "storm", CONNECT),
        "answers_peak_per_s": results.median("harbor", "storm", PEAK),
        "proxy_us_per_delivery": results.median("proxy", "one", CPU),
        "proxy_vs_ours": proxied("one"),
        "proxy_batched_vs_ours": proxied("many"),
    }


def _filters(results: Results) -> Figures:
    """The worse of two: batched, matching is a larger part of the whole."""
    found = [
        results.ratio(("harbor", f"groups_10_{plan}"), ("harbor", f"groups_1_{plan}"), CPU)
        for plan in ("one", "many")
    ]
    known = [value for value in found if value is not None]
    return {
        "groups_10_vs_1": max(known) if known else None,
        "groups_10_vs_1_unbatched": found[0],
        "groups_10_vs_1_batched": found[1],
    }


def _workers(results: Results) -> Figures:
    """Deliveries a second, each worker sharing its core with its share of the readers.

    By CPU: what two cores full of workers could deliver, by CPU time a delivery.
    """
    speed = results.ratio(("two_workers", SHARED), ("one_worker", SHARED), SPEED)
    by_cpu = results.ratio(("one_worker", SHARED), ("two_workers", SHARED), CPU)
    return {
        "workers_2_vs_1": speed,
        "workers_2_busier_share": results.median("two_workers", SHARED, busier_share),
        "workers_2_vs_1_by_cpu": None if by_cpu is None else 2 * by_cpu,
    }


def _compression(results: Results, bench: Bench) -> Figures:
    cost = {
        f"{plan}_us_per_delivery": results.median("harbor", plan, CPU)
        for plan in ("plain", "gzip", "plain_fast", "gzip_fast")
    }
    size = {
        f"{plan}_bytes_per_delivery": results.median("harbor", plan, BYTES)
        for plan in ("plain", "gzip", "plain_fast", "gzip_fast")
    }
    found: Figures = {**cost, **size}
    if len(results.frames) > compression.EVENTS:
        alone = compression.alone(bench, results.frames)
        found["gzip_alone_more_us_per_delivery"] = alone.us_per_delivery
        found["gzip_alone_bytes_per_delivery"] = alone.bytes_per_delivery
        found["gzip_alone_kb_per_client"] = alone.kb_per_client
    return found
