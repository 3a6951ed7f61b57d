"""What a page's main thread did in each frame, out of Chromium's own trace.

Beside the clock's time the trace tells the CPU time of the thread. Only that is the page's own:
the clock also counts what the machine gives to others in the middle of a frame.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from bench.load import percentile

CATEGORIES = [
    "-*",
    "devtools.timeline",  # FunctionCall, EvaluateScript, TimeStamp
    "disabled-by-default-devtools.timeline",  # RunTask
    "disabled-by-default-devtools.timeline.frame",  # BeginMainThreadFrame
]
FRAME, TASK, MARK = "BeginMainThreadFrame", "RunTask", "TimeStamp"
SCRIPT = frozenset({"FunctionCall", "EvaluateScript"})
BEGUN, DONE = "bench:draw", "bench:drawn"
LEAST_MS = 0.05
"""A frame in which less ran than this had nothing to do; it would only flatter the others."""

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spent:
    """A piece of work: when it was over, and what it took of the CPU and by the clock."""

    done_us: float
    cpu_ms: float
    wall_ms: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What one kind of work took in each frame that had any of it."""

    cpu_ms: tuple[float, ...]
    wall_ms: tuple[float, ...]

    @classmethod
    def by_frame(cls, pieces: Iterable[Spent], begins_us: list[float]) -> Self:
        cpu: defaultdict[int, float] = defaultdict(float)
        wall: defaultdict[int, float] = defaultdict(float)
        for piece in pieces:
            frame = bisect_right(begins_us, piece.done_us)
            cpu[frame] += piece.cpu_ms
            wall[frame] += piece.wall_ms
        return cls(busy(cpu.values()), busy(wall.values()))

    def cpu(self, share: float) -> float:
        return percentile(self.cpu_ms, share)

    def wall(self, share: float) -> float:
        return percentile(self.wall_ms, share)


@dataclass(frozen=True, slots=True)
class Frames:
    """A stretch of a page's time. `script` holds `draw`, and `main` all that its thread did."""

    seconds: float
    count: int
    draw: Costs
    script: Costs
    main: Costs

    @property
    def per_second(self) -> float:
        return round(self.count / self.seconds, 1)

    @property
    def script_share(self) -> float:
        """Of one core."""
        return round(sum(self.script.cpu_ms) / 1000 / self.seconds, 3)


def frames_of(trace: bytes) -> Frames:
    """Of the page that marked where it draws."""
    events: list[Event] = json.loads(trace)["traceEvents"]
    thread = thread_of(events)
    ours = [one for one in events if (one["pid"], one["tid"]) == thread]
    begins_us = sorted(one["ts"] for one in ours if one["name"] == FRAME)
    seconds = (begins_us[-1] - begins_us[0]) / 1e6
    draw = Costs.by_frame(between_marks(ours), begins_us)
    script = Costs.by_frame(outermost(ours, SCRIPT.__contains__), begins_us)
    main = Costs.by_frame(outermost(ours, TASK.__eq__), begins_us)
    return Frames(seconds, len(begins_us) - 1, draw, script, main)


def thread_of(events: Iterable[Event]) -> tuple[int, int]:
    for one in events:
        if one["name"] == MARK and one["args"]["data"]["message"] == BEGUN:
            return one["pid"], one["tid"]
    raise RuntimeError("The trace has no frame in which the page drew")


def between_marks(events: Iterable[Event]) -> Iterable[Spent]:
    begun: Event | None = None
    for one in sorted((one for one in events if one["name"] == MARK), key=at):
        said = one["args"]["data"]["message"]
        if said == DONE and begun is not None:
            cpu_us, wall_us = one["tts"] - begun["tts"], one["ts"] - begun["ts"]
            yield Spent(one["ts"], cpu_us / 1000, wall_us / 1000)
        begun = one if said == BEGUN else None


def outermost(events: Iterable[Event], is_wanted: Callable[[str], bool]) -> Iterable[Spent]:
    """A call inside of a call is counted with it."""
    over_us = 0.0
    whole = (one for one in events if one["ph"] == "X" and is_wanted(one["name"]))
    for one in sorted(whole, key=lambda one: (one["ts"], -one["dur"])):
        if one["ts"] < over_us:
            continue
        over_us = one["ts"] + one["dur"]
        yield Spent(over_us, one.get("tdur", 0) / 1000, one["dur"] / 1000)


def at(event: Event) -> float:
    return float(event["ts"])


def busy(costs_ms: Iterable[float]) -> tuple[float, ...]:
    return tuple(one for one in costs_ms if one >= LEAST_MS)
