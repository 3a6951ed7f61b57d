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
            return self.read_feed()
        except Unavailable:
            return self.read_archive()

    def read_feed(self) -> Latest:
        """What Valkey has, made whole first. Raises Unavailable."""
        newest = self._feed.newest()
        if not newest.is_whole:
            self._feed.restore(newest.epoch, self._archive(self._fleet_id))
            log.info("latest.restored", fleet=str(self._fleet_id))
            newest = self._feed.newest()
        return Latest(self._never_behind(newest.positions), newest.epoch, newest.number)

    def read_archive(self) -> Latest:
        """What PostgreSQL has, which is no part of the feed. Raises Unavailable."""
        shown = tuple(self._archive(self._fleet_id))
        self._ahead = {placed.vessel_id: placed for placed in shown}
        return Latest(shown, None, 0)

    def _never_behind(self, positions: tuple[Placed, ...]) -> tuple[Placed, ...]:
        """Valkey's positions, or those that PostgreSQL had before where they are newer."""
        before = self._ahead
        if not before:
            return positions
        merged = [newer(one, before.get(one.vessel_id)) for one in positions]
        ahead = [
            shown for shown, its in zip(merged, positions, strict=True) if shown is not its
        ]
        missing = self._missing({one.vessel_id for one in positions})
        if self._ahead is before:  # else another has read it meanwhile
            self._ahead = {shown.vessel_id: shown for shown in (*ahead, *missing)}
        return (*merged, *missing)

    def _missing(self, known: set[str]) -> list[Placed]:
        """What was shown and Valkey has not heard of; PostgreSQL says if it was removed."""
        missing = [one for one in self._ahead.values() if one.vessel_id not in known]
        if not missing:
            return []
        try:
            there = {one.vessel_id: one for one in self._archive(self._fleet_id)}
        except Unavailable:
            return missing
        return [there[one.vessel_id] for one in missing if one.vessel_id in there]


def newer(one: Placed, other: Placed | None) -> Placed:
    return one if other is None or other.recorded_us <= one.recorded_us else other
