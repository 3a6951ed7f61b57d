"""The newest position of every vessel: from Valkey, or from PostgreSQL when it can't say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from harbor.errors import Unavailable
from harbor.live.event import Placed
from harbor.live.feed import Feed

log = structlog.get_logger()

Archive = Callable[[UUID], Sequence[Placed]]
"""Reads the newest positions of a fleet from PostgreSQL; raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Latest:
    """Newest positions; without an epoch they are not part of the feed (Valkey is away)."""

    positions: tuple[Placed, ...]
    epoch: bytes | None
    number: int

    @property
    def feed_id(self) -> str | None:
        return None if self.epoch is None else f"{self.epoch.decode()}-{self.number}"


class LatestPositions:
    """Reads one fleet's newest positions, and repairs Valkey's when they are not whole."""

    def __init__(self, fleet_id: UUID, feed: Feed, archive: Archive) -> None:
        self._fleet_id = fleet_id
        self._feed = feed
        self._archive = archive

    def feed_id(self) -> str | None:
        """Where the feed is now, cheaply; None when Valkey can't say."""
        try:
            head = self._feed.head()
        except Unavailable:
            return None
        return f"{head.epoch.decode()}-{head.number}" if head.is_whole else None

    def read(self) -> Latest:
        """Raises Unavailable only when PostgreSQL is needed and away as well."""
        try:
            newest = self._feed.newest()
            if not newest.is_whole:
                self._feed.restore(newest.epoch, self._archive(self._fleet_id))
                log.info("latest.restored", fleet=str(self._fleet_id))
                newest = self._feed.newest()
        except Unavailable:
            return Latest(tuple(self._archive(self._fleet_id)), None, 0)
        return Latest(newest.positions, newest.epoch, newest.number)
