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
    """Reads one fleet's newest positions, and repairs Valkey's when they are not whole.

    Never shows an older position than before: after an outage Valkey has yet to be told what
    PostgreSQL was asked for in the meantime.
    """

    def __init__(self, fleet_id: UUID, feed: Feed, archive: Archive) -> None:
        self._fleet_id = fleet_id
        self._feed = feed
        self._archive = archive
        self._ahead: dict[str, Placed] = {}

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
            shown = tuple(self._archive(self._fleet_id))
            self._ahead = {placed.vessel_id: placed for placed in shown}
            return Latest(shown, None, 0)
        return Latest(self._never_behind(newest.positions), newest.epoch, newest.number)

    def _never_behind(self, positions: tuple[Placed, ...]) -> tuple[Placed, ...]:
        """Valkey's positions, or those that PostgreSQL had before where they are newer."""
        if not self._ahead:
            return positions
        merged = tuple(newer(one, self._ahead.get(one.vessel_id)) for one in positions)
        self._ahead = {
            shown.vessel_id: shown
            for shown, its in zip(merged, positions, strict=True)
            if shown is not its
        }
        return merged


def newer(one: Placed, other: Placed | None) -> Placed:
    return one if other is None or other.recorded_us <= one.recorded_us else other
