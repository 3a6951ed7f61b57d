"""What is measured, peer after peer and round after round, on the core of the server."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from statistics import median

from bench.push import compression, load, peers
from bench.push.load import Plan, Result
from bench.push.peers import CONFLATED_PATH, PATH, Bench, Target
from bench.push.programs import Missing

LARGEST = Plan("largest", 10_000, rate=10, seconds=3.0, settle_s=1.5)
"""First after a start, so that what 10,000 idle subscribers cost in memory shows."""
WARM_UP = Plan("warm_up", 100, rate=50, seconds=1.0, settle_s=0.2)
ONE, MANY = Plan("one", 1000, window=1), Plan("many", 1000, window=64)
ONE_5000, MANY_5000 = Plan("one_5000", 5000, window=1), Plan("many_5000", 5000, window=64)
BURST = Plan("burst", 1000, burst=1000)
RATE = Plan("rate", 1000, rate=2000, seconds=3.0)
STORM = Plan("storm", 1000, at_once=1000, settle_s=0.5)

CALM = Plan("calm", 900, rate=500, seconds=4.0)
STALLED = replace(CALM, name="stalled", subscribers=1000, stalled=100)
STALLED = replace(STALLED, stalled_path=CONFLATED_PATH)

BOXES = tuple(f"{PATH}&bbox={-10 - n},{-20 - n},{60 + n},{70 + n}" for n in range(10))
GROUPS = tuple(
    replace(plan, name=f"groups_{count}_{plan.name}", paths=BOXES[:count])
    for plan in (ONE, MANY)
    for count in (1, 10)
)
PLAIN = Plan("plain", 1000, rate=50, seconds=3.0, counts_bytes_only=True)
GZIP = replace(PLAIN, name="gzip")
PLAIN_FAST, GZIP_FAST = (
    replace(plan, name=f"{plan.name}_fast", rate=1000) for plan in (PLAIN, GZIP)
)

OF_HARBOR = (LARGEST, ONE, MANY, BURST, STORM, ONE_5000, MANY_5000, RATE)
OF_C = (ONE, ONE_5000, STORM)
OF_C_BATCHED = (MANY, BURST, MANY_5000, RATE)
OF_NCHAN = (LARGEST, ONE, MANY, BURST, STORM, ONE_5000, MANY_5000)
PAUSE_SECONDS = 0.3
Open = Callable[[], AbstractContextManager[Target]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long; `until` (monotonic) no further round begins."""

    rounds: int
    stretch: float
    until: float

    def may_go_on(self) -> bool:
        return time.monotonic() < self.until

    def plan(self, plan: Plan) -> Plan:
        return replace(plan, seconds=plan.seconds * self.stretch)


class Results:
    """What every plan against every peer gave, one result a round."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[Result]] = defaultdict(list)
        self.missing: dict[str, str] = {}
        self.frames: list[bytes] = []
        self.gzip_lost = 0

    def add(self, peer: str, plan: str, result: Result) -> None:
        self._found[peer, plan].append(result)

    def median(self, peer: str, plan: str, value: Callable[[Result], float]) -> float | None:
        found = self._found.get((peer, plan))
        return median(value(one) for one in found) if found else None

    def largest(self, peer: str, plan: str, value: Callable[[Result], float]) -> float | None:
        found = self._found.get((peer, plan))
        return max(value(one) for one in found) if found else None

    def of(self, peer: str) -> Iterator[Result]:
        for (name, _), results in self._found.items():
            if name == peer:
                yield from results


def measure(bench: Bench, pace: Pace) -> Results:
    """All rounds; a peer that is not installed is named in `missing` and left out."""
    results = Results()
    for number in range(pace.rounds):
        if number and not pace.may_go_on():
            print(f"No time for more than {number} rounds.", flush=True)
            break
        print(f"Round {number + 1} of {pace.rounds}", flush=True)
        one_round(bench, pace, results)
    return results


def one_round(bench: Bench, pace: Pace, results: Results) -> None:
    openings: tuple[tuple[str, Open, Sequence[Plan]], ...] = (
        ("c", lambda: peers.broadcaster(bench, is_batching=False), OF_C),
        ("c_batched", lambda: peers.broadcaster(bench, is_batching=True), OF_C_BATCHED),
        ("nchan", lambda: peers.nchan(bench), OF_NCHAN),
    )
    harbor_alone(bench, pace, results)
    for name, opened, plans in openings:
        with or_missing(results, name), opened() as target:
            for plan in plans:
                take(bench, pace, results, target, plan)
    two_workers(bench, pace, results)


def harbor_alone(bench: Bench, pace: Pace, results: Results) -> None:
    gzip = replace(GZIP, headers=bench.headers("Accept-Encoding: gzip"))
    gzip_fast = replace(GZIP_FAST, headers=gzip.headers)
    extra = (CALM, STALLED, *GROUPS, PLAIN, PLAIN_FAST, gzip_fast)
    with peers.harbor(bench) as target:
        load.run(bench.programs.load, target, WARM_UP)
        for plan in (*OF_HARBOR, *extra):
            take(bench, pace, results, target, plan)
        unpacked(bench, pace, results, target, gzip)
        with or_missing(results, "proxy"), peers.proxied(bench, target) as proxy:
            for plan in (ONE, MANY):
                take(bench, pace, results, proxy, plan)
        shared = replace(target, name="one_worker")
        take(bench, pace, results, shared, ONE, sorted(bench.site.cores.worker))


def unpacked(bench: Bench, pace: Pace, results: Results, target: Target, gzip: Plan) -> None:
    """The load client only counts compressed bytes, so one more client reads them."""
    with compression.listening(target, bench.site.api_keys[0]) as heard:
        published = take(bench, pace, results, target, gzip).published
        results.frames = compression.position_frames(heard())
    results.gzip_lost += max(0, published - len(results.frames))


def two_workers(bench: Bench, pace: Pace, results: Results) -> None:
    """A worker and its share of the readers on each of two cores, see `figures`."""
    cores = sorted(bench.site.cores.worker | bench.site.cores.rest)[:2]
    if len(cores) < 2:
        results.missing["two_workers"] = "There is only one core to pin to."
        return
    with peers.harbor(bench, workers_count=2) as target:
        load.run(bench.programs.load, target, WARM_UP)
        shared = replace(target, name="two_workers")
        take(bench, pace, results, shared, ONE, cores)


def take(
    bench: Bench,
    pace: Pace,
    results: Results,
    target: Target,
    plan: Plan,
    cores: Sequence[int] = (),
) -> Result:
    result = load.run(bench.programs.load, target, pace.plan(plan), cores)
    results.add(target.name, plan.name, result)
    print(f"  {target.name:<11} {plan.name:<14} {line(plan, result)}", flush=True)
    time.sleep(PAUSE_SECONDS)
    return result


def line(plan: Plan, result: Result) -> str:
    """One measurement as it comes."""
    if result.connected < plan.subscribers:
        return f"ONLY {result.connected} of {plan.subscribers} connected"
    if not plan.publishes:
        return f"{result.connect_cpu_ms:.3f} ms a connect, {1000 * result.connect_s:.0f} ms"
    if plan.counts_bytes_only:
        cost = f"{result.cpu_us_per_delivery:.2f} us"
        return f"{result.bytes_per_delivery:.0f} bytes and {cost} a delivery"
    return (
        f"{result.cpu_us_per_delivery:.2f} us a delivery, {result.deliveries_per_s:,.0f}/s,"
        f" p50 {result.p50_ms:.1f} p99 {result.p99_ms:.1f} ms, lost {result.lost}"
    )


@contextmanager
def or_missing(results: Results, name: str) -> Iterator[None]:
    try:
        yield
    except Missing as reason:
        results.missing[name] = str(reason)
