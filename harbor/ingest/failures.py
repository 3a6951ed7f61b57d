"""How often an address, or whoever names a tracker, may be refused: guessing costs patience.

Only what failed is counted, and only what fails is turned away: a good sender behind the same
address goes on. Counted in the worker, as `allowance` is.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic

from harbor.errors import TooMany

KNOCKERS_MAX = 20_000
HOST_BITS = 64
"""Of an IPv6 address one household or boat has so many to choose from."""


class Failures:
    """A bucket of failures for each knocker, which empties steadily."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._most = float(per_minute)
        self._per_s = per_minute / 60
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def require_room(self, *knockers: str) -> None:
        """Raises TooMany, with the seconds until the next try is looked at."""
        over = max(map(self._level, knockers), default=0.0) + 1 - self._most
        if over > 0:
            raise TooMany("Too many refusals: check the secret.", ceil(over / self._per_s))

    def note(self, *knockers: str) -> None:
        """One failure of each. When there are too many, who was quiet longest is forgotten."""
        now = self._clock()
        for knocker in knockers:
            self._levels[knocker] = self._level(knocker) + 1, now
            self._levels.move_to_end(knocker)
            if len(self._levels) > KNOCKERS_MAX:
                self._levels.popitem(last=False)

    def _level(self, knocker: str) -> float:
        level, at = self._levels.get(knocker, (0.0, 0.0))
        return max(0.0, level - (self._clock() - at) * self._per_s)


def site_of(address: str | None) -> str:
    """The address by which failures are counted: of IPv6, the network."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "a local socket"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> HOST_BITS << HOST_BITS))
    return str(parsed)
