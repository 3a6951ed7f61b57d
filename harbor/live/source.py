"""Where one fleet's hub is filled from: the feed, or PostgreSQL while that is away."""

from time import monotonic

import gevent
import structlog
from gevent.lock import BoundedSemaphore

from harbor.errors import Unavailable
from harbor.live.event import Event
from harbor.live.feed import Feed
from harbor.live.hub import Hub
from harbor.live.latest import Latest, LatestPositions

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
        self._catching_up = BoundedSemaphore()
        self._read_at = float("-inf")

    def check(self) -> None:
        """Raises Refuses when the feed can't go on because Valkey takes no writes."""
        self._feed.head()

    def catch_up(self) -> None:
        """Read what the hub may have missed, or begin afresh. Raises Unavailable."""
        with self._catching_up:  # two who begin afresh would be two restarts
            self._catch_up()

    def _catch_up(self) -> None:
        hub = self.hub
        if hub.epoch is not None:
            span = self._feed.since(hub.epoch, hub.number)
            if span.is_complete and self._fill(span.epoch, span.events):
                return
            log.warning("feed.gap", fleet=str(hub.fleet_id), number=hub.number)
        hub.restart(self._latest.read_feed())

    def _fill(self, epoch: bytes, events: tuple[Event, ...]) -> bool:
        for start in range(0, len(events), AT_ONCE):
            if start:
                gevent.sleep(0)
            # Another greenlet may have been here meanwhile; what it took is no gap.
            fresh = [one for one in events[start : start + AT_ONCE] if self._lacks(epoch, one)]
            if fresh and not self.hub.take(epoch, fresh):
                return False
        return True

    def _lacks(self, epoch: bytes, event: Event) -> bool:
        return event.number > self.hub.number or epoch != self.hub.epoch

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
        """From the feed if only its subscription is away: then events keep their numbers."""
        try:
            self.check()
            self.catch_up()
        except Unavailable:
            self._show(self._latest.read_archive())
        self._read_at = monotonic()

    def _show(self, latest: Latest) -> None:
        if not self.hub.is_seeded:
            self.hub.restart(latest)
        elif self.hub.is_degraded:  # else the feed came back meanwhile, and knows better
            self.hub.refresh(latest.positions)
