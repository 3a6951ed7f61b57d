"""One measurement: so many subscribers, events at some pace, and what came of it."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.push.peers import Target

SECONDS_MAX = 100
SILENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Who subscribes and how events come: by rate, all at once, or so many outstanding."""

    name: str
    subscribers: int
    rate: float = 0
    burst: int = 0
    window: int = 0
    seconds: float = 2.0
    settle_s: float = 0.5
    at_once: int = 200
    stalled: int = 0
    stalled_path: str = "/"
    paths: tuple[str, ...] = ()
    headers: Path | None = None
    counts_bytes_only: bool = False

    @property
    def publishes(self) -> bool:
        return bool(self.rate or self.burst or self.window)

    def words(self, target: Target) -> list[str]:
        """The load client's command line."""
        numbers: dict[str, float] = {
            "-n": self.subscribers,
            "-p": target.port,
            "-C": self.at_once,
        }
        numbers |= {"-Z": self.stalled, "-S": self.settle_s, "-d": self.seconds}
        numbers |= {"-r": self.rate, "-b": self.burst, "-w": self.window, "-I": SILENCE_SECONDS}
        words = [str(word) for pair in numbers.items() for word in pair]
        for path in self.paths or (target.path,):
            words += ["-u", path]
        words += ["-z", self.stalled_path, "-k", ",".join(map(str, target.pids))]
        if headers := self.headers or target.headers:
            words += ["-H", str(headers)]
        if self.counts_bytes_only:
            words.append("-R")
        return [*words, *self._publishing(target)]

    def _publishing(self, target: Target) -> list[str]:
        if not self.publishes:
            return []
        publishing = target.publishing
        requests = publishing.crowded if self.burst else publishing.requests
        words = ["-P", str(publishing.port), "-T", str(requests)]
        return [*words, "-h"] if publishing.is_http else words


@dataclass(frozen=True, slots=True)
class Result:
    """What the load client says; CPU and memory are the server's, children included.

    `owed` is what all who read should have got; `missing` counts gaps in the numbers and
    what open streams lacked at the end.
    """

    connected: int
    failed: int
    closed: int
    published: int
    delivered: int
    owed: int
    missing: int
    repeated: int
    merged: int
    resyncs: int
    connect_s: float
    publish_s: float
    took_s: float
    bytes: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    head_p50_ms: float
    head_p99_ms: float
    connect_cpu_s: float
    cpu_s: float
    client_cpu_s: float
    peak_per_s: int
    pss_empty_kb: int
    pss_idle_kb: int
    pss_end_kb: int
    tcp_idle_kb: int
    tcp_end_kb: int
    descriptors: tuple[int, ...]

    @property
    def cpu_us_per_delivery(self) -> float:
        """Compressed events can't be counted: there it is for each that was owed."""
        return 1e6 * self.cpu_s / max(1, self.delivered or self.owed)

    @property
    def deliveries_per_s(self) -> float:
        return self.delivered / max(1e-6, self.took_s)

    @property
    def cpu_share(self) -> float:
        return self.cpu_s / max(1e-6, self.took_s)

    @property
    def lost(self) -> int:
        """Over several HTTP lines a peer's events change places: a gap filled later is none."""
        return max(0, self.missing - self.repeated)

    @property
    def bytes_per_delivery(self) -> float:
        return self.bytes / max(1, self.owed)

    @property
    def kb_per_subscriber(self) -> float:
        return (self.pss_idle_kb - self.pss_empty_kb) / max(1, self.connected)

    @property
    def connect_cpu_ms(self) -> float:
        return 1000 * self.connect_cpu_s / max(1, self.connected)


def run(program: Path, target: Target, plan: Plan, cores: Sequence[int] = ()) -> Result:
    """`cores`: where to read, a process for each; none: where this process is."""
    words = [str(program), *plan.words(target)]
    if cores:
        words = ["taskset", "-c", str(cores[0]), *words]
    for core in cores[1:]:
        words += ["-j", str(core)]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
    )
    if done.returncode or not done.stdout:
        raise RuntimeError(f"{plan.name} against {target.name}: {done.stderr[-500:]}")
    refused = {word for word in done.stderr.splitlines() if word.startswith("load: ")}
    for why in refused:
        print(f"  {target.name:<11} {plan.name:<14} {why}", flush=True)
    said = json.loads(done.stdout)
    return Result(**{**said, "descriptors": tuple(said["descriptors"])})
