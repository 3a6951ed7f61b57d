"""What every plan against every server gave, round by round."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import median

from bench.push.load import Plan, Result

Value = Callable[[Result], float]


class Results:
    """`missing` says why a peer was not measured; `frames` came through gzip."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[Result]] = defaultdict(list)
        self.missing: dict[str, str] = {}
        self.frames: list[bytes] = []
        self.gzip_lost = 0
        self.rounds = 0

    def add(self, peer: str, plan: Plan, result: Result) -> None:
        self._found[peer, plan.name].append(result)

    def median(self, peer: str, plan: str, value: Value) -> float | None:
        found = self._found.get((peer, plan))
        return median(value(one) for one in found) if found else None

    def largest(self, peer: str, plan: str, value: Value) -> float | None:
        found = self._found.get((peer, plan))
        return max(value(one) for one in found) if found else None

    def ratio(self, one: tuple[str, str], other: tuple[str, str], value: Value) -> float | None:
        """The median of each round's own ratio: neighbours in time saw the same machine."""
        pairs = zip(self._found.get(one, ()), self._found.get(other, ()), strict=False)
        found = [value(first) / value(second) for first, second in pairs if value(second)]
        return median(found) if found else None

    def of(self, peer: str) -> Iterator[Result]:
        for (name, _), results in self._found.items():
            if name == peer:
                yield from results
