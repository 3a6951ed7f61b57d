"""The rounds: servers take turns on their core, plan by plan, while the others rest."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace

from bench.push import compression, load, peers, plans
from bench.push.load import Plan, Result
from bench.push.peers import Bench, Target
from bench.push.programs import Missing
from bench.push.results import Results

PAUSE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long; behind `until` (monotonic) nothing more is begun."""

    rounds: int
    stretch: float
    until: float

    @property
    def left_s(self) -> float:
        return self.until - time.monotonic()


def measure(bench: Bench, pace: Pace) -> Results:
    """All rounds; a peer that is not installed is named in `missing` and left out."""
    trials = Trials(bench, pace)
    took_s = 0.0
    for number in range(pace.rounds):
        if pace.left_s < took_s:
            print(f"There is no time for more than {number} rounds.", flush=True)
            break
        print(f"Round {number + 1} of {pace.rounds}", flush=True)
        began = time.monotonic()
        trials.one_round()
        took_s = time.monotonic() - began
        trials.results.rounds += 1
    return trials.results


class Trials:
    """One run: the same installation, the same programs, one pace."""

    def __init__(self, bench: Bench, pace: Pace) -> None:
        self._bench = bench
        self._pace = pace
        self.results = Results()

    def one_round(self) -> None:
        with ExitStack() as stack:
            targets = {target.name: target for target in self._open(stack)}
            load.run(self._bench.programs.load, targets["harbor"], plans.WARM_UP)
            for plan, names in plans.SIDE_BY_SIDE:
                for name in names:
                    if name in targets:
                        self._take(targets[name], plan)
            self._harbor_alone(targets["harbor"])
        self._two_workers()

    def _open(self, stack: ExitStack) -> Iterator[Target]:
        """All servers share the core; who is not asked for anything does nothing."""
        bench = self._bench
        openings: dict[str, AbstractContextManager[Target]] = {
            "harbor": peers.harbor(bench),
            "c": peers.broadcaster(bench, is_batching=False),
            "c_batched": peers.broadcaster(bench, is_batching=True),
            "nchan": peers.nchan(bench),
        }
        for name, opening in openings.items():
            with self._or_missing(name):
                yield stack.enter_context(opening)

    def _harbor_alone(self, target: Target) -> None:
        for plan in plans.OF_HARBOR:
            self._take(target, plan)
        self._compressed(target)
        with self._or_missing("proxy"), peers.proxied(self._bench, target) as proxy:
            for plan in plans.OF_PROXY:
                self._take(proxy, plan)
        one_core = sorted(self._bench.site.cores.worker)
        self._take(replace(target, name="one_worker"), plans.SHARED_CORES, one_core)

    def _compressed(self, target: Target) -> None:
        """The load client only counts compressed bytes, so one more client reads them."""
        headers = self._bench.headers("Accept-Encoding: gzip")
        self._take(target, replace(plans.GZIP_FAST, headers=headers))
        with compression.listening(target, self._bench.site.api_keys[0]) as heard:
            result = self._take(target, replace(plans.GZIP, headers=headers))
            frames = compression.position_frames(heard())
        if result is not None:
            self.results.gzip_lost += max(0, result.published - len(frames))
            self.results.frames = frames

    def _two_workers(self) -> None:
        """A worker and its share of the readers on each of two cores, see `figures`."""
        cores = sorted(self._bench.site.cores.worker | self._bench.site.cores.rest)[:2]
        if len(cores) < 2:
            self.results.missing["two_workers"] = "There is only one core to pin to."
            return
        with peers.harbor(self._bench, workers_count=2) as target:
            load.run(self._bench.programs.load, target, plans.WARM_UP)
            self._take(replace(target, name="two_workers"), plans.SHARED_CORES, cores)

    def _take(self, target: Target, plan: Plan, cores: Sequence[int] = ()) -> Result | None:
        if self._pace.left_s < 0:
            self.results.missing[f"{target.name} {plan.name}"] = "The time was over."
            return None
        stretched = replace(plan, seconds=plan.seconds * self._pace.stretch)
        result = load.run(self._bench.programs.load, target, stretched, cores)
        self.results.add(target.name, plan, result)
        print(f"  {target.name:<11} {plan.name:<14} {line(plan, result)}", flush=True)
        time.sleep(PAUSE_SECONDS)
        return result

    @contextmanager
    def _or_missing(self, name: str) -> Iterator[None]:
        try:
            yield
        except Missing as reason:
            self.results.missing[name] = str(reason)


def line(plan: Plan, result: Result) -> str:
    """One measurement as it comes."""
    short = plan.subscribers - result.connected
    warning = f" – {short} OF {plan.subscribers} NOT CONNECTED" if short else ""
    return (_connects if not plan.publishes else _deliveries)(result) + warning


def _connects(result: Result) -> str:
    return f"{result.connect_cpu_ms:.3f} ms of CPU a connect, all in {result.connect_s:.2f} s"


def _deliveries(result: Result) -> str:
    cost = f"{result.cpu_us_per_delivery:.2f} us, {result.bytes_per_delivery:.0f} bytes each"
    if not result.delivered:
        return cost
    return (
        f"{cost}, {result.deliveries_per_s:,.0f}/s, p50 {result.p50_ms:.1f}"
        f" p99 {result.p99_ms:.1f} ms, lost {result.lost}"
    )
