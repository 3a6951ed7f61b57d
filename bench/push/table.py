"""The side-by-side table, the goals, and what is missing, for people."""

from collections.abc import Callable, Iterator, Sequence

from bench.push.figures import (
    BYTES,
    CONNECT,
    CPU,
    GOALS,
    MEMORY,
    P99,
    PEAK,
    SPEED,
    TOOK,
    Figures,
    Goal,
)
from bench.push.load import Result
from bench.push.results import Results

PEERS = ("harbor", "c", "c_batched", "nchan")
HEADINGS = ("Harbor", "C", "C, batched", "nchan")
ROWS: Sequence[tuple[str, str, Callable[[Result], float]]] = (
    ("one at a time, 1,000 readers: us of CPU a delivery", "one", CPU),
    ("… deliveries/s", "one", SPEED),
    ("one at a time, 5,000: us", "one_5000", CPU),
    ("64 outstanding, 1,000: us", "many", CPU),
    ("… deliveries/s", "many", SPEED),
    ("64 outstanding, 5,000: us", "many_5000", CPU),
    ("1,000 events at once to 1,000: s", "burst", TOOK),
    ("2,000 events/s to 1,000: p99 ms", "rate", P99),
    ("10 events/s to 10,000: p99 ms", "largest", P99),
    ("… KB of memory an idle subscriber", "largest", MEMORY),
    ("1,000 connects at once: ms of CPU each", "storm", CONNECT),
    ("… answered in the busiest 0.1 s, as a rate", "storm", PEAK),
    ("bytes a delivery", "one", BYTES),
)


def show(results: Results, figures: Figures) -> None:
    for row in (*side_by_side(results), "", *goals(figures)):
        print(row)
    for name, reason in results.missing.items():
        print(f"Not measured, {name}: {reason}")


def side_by_side(results: Results) -> Iterator[str]:
    yield from head("one server core, medians", HEADINGS)
    for what, plan, value in ROWS:
        found = [results.median(peer, plan, value) for peer in PEERS]
        yield row(what, [short(one) for one in found])


def goals(figures: Figures) -> Iterator[str]:
    yield from head("goals", ("measured", "goal", "floor", ""))
    for goal in GOALS:
        sign = "≥" if goal.is_at_least else "≤"
        floor = "–" if goal.floor is None else f"{sign} {goal.floor}"
        value = short(figures.get(goal.key))
        yield row(goal.what, [value, f"{sign} {goal.goal}", floor, verdict(goal, figures)])


def verdict(goal: Goal, figures: Figures) -> str:
    if goal.meets(figures, goal.floor) is False:
        return "BELOW THE FLOOR"
    return {True: "met", False: "goal missed", None: "not measured"}[
        goal.meets(figures, goal.goal)
    ]


def missed_floors(figures: Figures) -> list[str]:
    return [goal.key for goal in GOALS if goal.meets(figures, goal.floor) is False]


def head(what: str, columns: Sequence[str]) -> Iterator[str]:
    yield row(what, columns)
    yield "|---" * (1 + len(columns)) + "|"


def row(what: str, cells: Sequence[str]) -> str:
    return f"| {what} | " + " | ".join(cells) + " |"


def short(value: float | None) -> str:
    """Three digits that matter."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
