"""Where one fleet's hub is filled from: the feed, or PostgreSQL while that is away."""

from time import monotonic

import gevent
import structlog
from gevent.lock import BoundedSemaphore

from harbor.errors import Unavailable
from harbor.live.event import Event
from harbor.live.feed import Feed
from harbor.live.hub import Hub
from harbor.live.latest import LatestPositions

log = structlog.get_logger()

AWAY_SECONDS = 2.0
AT_ONCE = 500
"""So many events go into the hub before the other greenlets have their turn."""


class Source:
    """One fleet: which hub to fill, and where to read."""

    def __init__(self, hub: Hub, feed: Feed, latest: LatestPositions) -> None:
        self.hub = hub
        self._feed = feed
        self._latest = latest
        self._reading = BoundedSemaphore()
        self._read_at = float("-inf")

    def check(self) -> None:
        """Raises Refuses when the feed can't go on because Valkey takes no writes."""
        self._feed.head()

    def catch_up(self) -> None:
        """Read what the hub may have missed, or begin afresh. Raises Unavailable."""
        hub = self.hub
        if hub.epoch is not None:
            span = self._feed.since(hub.epoch, hub.number)
            if span.is_complete and self._fill(span.epoch, span.events):
                return
            log.warning("feed.gap", fleet=str(hub.fleet_id), number=hub.number)
        latest = self._latest.read()
        if latest.epoch is None:
            raise Unavailable("Valkey went away again.")
        hub.restart(latest)

    def _fill(self, epoch: bytes, events: tuple[Event, ...]) -> bool:
        for start in range(0, len(events), AT_ONCE):
            if start:
                gevent.sleep(0)
            if not self.hub.take(epoch, events[start : start + AT_ONCE]):
                return False
        return True

    def read_while_away(self) -> None:
        """Without the feed: newest positions for snapshots, read once for all who come.

        Raises Unavailable when there is nothing to show at all.
        """
        with self._reading:
            if self.hub.is_seeded and monotonic() - self._read_at < AWAY_SECONDS:
                return
            try:
                self._refresh()
            except Unavailable:
                if not self.hub.is_seeded:
                    raise

    def follow_while_away(self) -> None:
        """The same for streams that are open, whenever it is called. Raises Unavailable."""
        with self._reading:
            self._refresh()

    def _refresh(self) -> None:
        latest = self._latest.read()
        self._read_at = monotonic()
        if not self.hub.is_seeded:
            self.hub.restart(latest)
        elif self.hub.is_degraded:  # else the feed came back meanwhile, and knows better
            self.hub.refresh(latest.positions)
