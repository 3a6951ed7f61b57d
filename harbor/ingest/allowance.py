"""How much one tracker may send, so that a mad one does not starve the fleet.

Counted in the worker: a limit that asks Valkey would cost more than the position. (The
limiter's own memory store walks through all its counters a hundred times a second.)
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic
from uuid import UUID

from harbor.errors import TooMany

REPORTS_PER_REQUEST = 25
"""An array counts as one request, and one more per so many reports: that is what it costs."""
TRACKERS_MAX = 100_000


@dataclass(slots=True)
class Bucket:
    """Requests that a tracker may send at once, as of a moment; below zero it owes some."""

    left: float
    at: float


class Allowance:
    """A bucket per tracker that fills steadily up to a burst."""

    def __init__(
        self, per_s: float, burst: float, clock: Callable[[], float] = monotonic
    ) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[UUID, Bucket] = OrderedDict()

    def spend(self, tracker_id: UUID, vessels: int = 1) -> None:
        """One request; a key that many vessels share may send as much as all of them.

        Raises TooMany, with the seconds until the next one is allowed.
        """
        now = self._clock()
        bucket = self._buckets.get(tracker_id)
        if bucket is None:
            bucket = self._begin(tracker_id, now, vessels)
        gained = (now - bucket.at) * self._per_s * vessels
        bucket.left = min(self._burst * vessels, bucket.left + gained)
        bucket.at = now
        if bucket.left < 1:
            wait_s = ceil((1 - bucket.left) / (self._per_s * vessels))
            raise TooMany("This tracker sends too much: keep the rest, send arrays.", wait_s)
        bucket.left -= 1

    def owe(self, tracker_id: UUID, reports: int) -> None:
        """What an array held is known only when it was read; the next one waits for it."""
        bucket = self._buckets.get(tracker_id)
        if bucket is not None:
            bucket.left -= reports // REPORTS_PER_REQUEST

    def owe_for_each(self, tracker_id: UUID, reports: int) -> None:
        """Each that is put aside, or an alert, is looked up and written down by itself."""
        bucket = self._buckets.get(tracker_id)
        if bucket is not None:
            bucket.left -= reports

    def _begin(self, tracker_id: UUID, now: float, vessels: int) -> Bucket:
        if len(self._buckets) >= TRACKERS_MAX:
            self._buckets.popitem(last=False)
        bucket = self._buckets[tracker_id] = Bucket(self._burst * vessels, now)
        return bucket
