"""What one vessel observed in one message, looked up by path around a position."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from harbor.trackers.signalk import paths
from harbor.trackers.signalk.delta import Observation

STEP_MAX = timedelta(seconds=5)
"""Values that stand between two positions so close belong to the second."""


class Logbook:
    """Values of the same update come first, then what came since the position before.

    The message's order goes before its times: a server stamps positions with the receiver's
    clock and speeds with its own, and the two may be hours apart.
    """

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._of_update: dict[tuple[int, str], Any] = {}
        self._of_path: dict[str, list[tuple[datetime, int, Any]]] = {}
        listed = list(observations)
        self.paths = frozenset(one.path for one in listed)
        for order, one in enumerate(listed):
            self._of_update[one.update, one.path] = one.value
            if one.moment is not None:
                entry = (one.moment, order, one.value)
                self._of_path.setdefault(one.path, []).append(entry)
        for entries in self._of_path.values():
            entries.sort(key=lambda entry: entry[:2])
        self._before = dict(_between_positions(listed))

    def near(self, position: Observation, path: str, within: timedelta) -> Any:
        """The value that goes with a position; None: there is none, or it was unknown."""
        if (position.update, path) in self._of_update:
            return self._of_update[position.update, path]
        before = self._before.get(position.update, {})
        if path in before:
            return before[path]
        return self._nearest(position.moment, path, within)

    def _nearest(self, moment: datetime | None, path: str, within: timedelta) -> Any:
        entries = self._of_path.get(path)
        if moment is None or entries is None:
            return None
        after = bisect_left(entries, moment, key=lambda entry: entry[0])
        around = entries[max(0, after - 1) : after + 1]
        found = min(around, key=lambda entry: abs(entry[0] - moment), default=None)
        if found is None or abs(found[0] - moment) > within:
            return None
        return found[2]


def _between_positions(listed: list[Observation]) -> Iterator[tuple[int, dict[str, Any]]]:
    """By the update of each position, what was observed since the one before."""
    last: datetime | None = None
    since: dict[str, Any] = {}
    for one in listed:
        if one.path != paths.POSITION:
            since[one.path] = one.value
            continue
        if last is not None and one.moment is not None and abs(one.moment - last) <= STEP_MAX:
            yield one.update, since
        last, since = one.moment, {}
