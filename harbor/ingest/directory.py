"""Vessels and trackers in memory: who may sign, for which vessel, under which name.

Read again when PostgreSQL says that something changed, at most every few seconds. While
it is away the last reading serves: nothing is acknowledged without it anyhow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from types import MappingProxyType
from uuid import UUID

import structlog
from gevent.lock import BoundedSemaphore

from harbor.errors import Unavailable
from harbor.fleet.identity import harbor_id
from harbor.fleet.vessel import Particulars
from harbor.store import directory as stored
from harbor.store.database import Database
from harbor.store.directory import Listing, SealedTracker
from harbor.store.trackers import Seal

log = structlog.get_logger()

REFRESH_SECONDS = 2.0
UNKNOWN_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Key:
    """One secret as HMAC takes it, with its end if it has one."""

    secret: bytes
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TrackerIdentity:
    """A tracker that may send; `vessel_id` None: for any vessel of its fleet."""

    id: UUID
    fleet_id: UUID
    vessel_id: UUID | None
    keys: tuple[Key, ...]

    def secrets(self, now: datetime) -> tuple[bytes, ...]:
        return tuple(key.secret for key in self.keys if key.until is None or now < key.until)


@dataclass(frozen=True, slots=True)
class Contents:
    """One reading of the directory."""

    revision: str = ""
    fleet_ids: tuple[UUID, ...] = ()
    vessels: Mapping[UUID, Particulars] = field(default_factory=lambda: MappingProxyType({}))
    trackers: Mapping[UUID, TrackerIdentity] = field(
        default_factory=lambda: MappingProxyType({})
    )
    numbers: Mapping[tuple[UUID, str], UUID] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def shared_trackers(self) -> tuple[TrackerIdentity, ...]:
        """The keys to try when no header names one: only while there is one fleet."""
        if len(self.fleet_ids) != 1:
            return ()
        return tuple(one for one in self.trackers.values() if one.vessel_id is None)

    def find_vessel(self, fleet_id: UUID, reference: str) -> UUID | None:
        """By Harbor id, IMO number or MMSI, within the fleet."""
        known = self.numbers.get((fleet_id, reference))
        if known is not None:
            return known
        vessel_id = harbor_id(reference)
        vessel = self.vessels.get(vessel_id) if vessel_id else None
        return vessel.id if vessel and vessel.fleet_id == fleet_id else None


class Directory:
    """The newest reading, refreshed when somebody looks and it is more than 2 s old."""

    def __init__(self, database: Database, seal: Seal, clock: Callable[[], float] = monotonic):
        self._database = database
        self._seal = seal
        self._clock = clock
        self._contents = Contents()
        self._looked_at = float("-inf")
        self._first_reading = BoundedSemaphore()

    def contents(self) -> Contents:
        """Raises Unavailable only when nothing was ever read."""
        if not self._contents.revision:
            # Everybody waits for the first reading: an empty one would refuse good trackers.
            with self._first_reading:
                if not self._contents.revision:
                    self._refresh()
        elif self._clock() - self._looked_at >= REFRESH_SECONDS:
            # Marked first: while one greenlet reads, the others go on with what there is.
            self._looked_at = self._clock()
            self._refresh()
        return self._contents

    def tracker(self, tracker_id: UUID) -> TrackerIdentity | None:
        """A tracker that may send. One that nobody knows may have been added just now."""
        known = self.contents().trackers.get(tracker_id)
        if known is None and self._clock() - self._looked_at >= UNKNOWN_SECONDS:
            self.expire()
            known = self.contents().trackers.get(tracker_id)
        return known

    def expire(self) -> None:
        """Look again at the next question."""
        self._looked_at = float("-inf")

    def _refresh(self) -> None:
        try:
            with self._database.session() as session:
                if stored.revision(session) != self._contents.revision:
                    self._contents = self._unseal(stored.listing(session))
        except Unavailable:
            if not self._contents.revision:
                raise
            log.warning("directory.stale", revision=self._contents.revision)

    def _unseal(self, listing: Listing) -> Contents:
        numbers = {
            (vessel.fleet_id, number): vessel.id
            for vessel in listing.vessels
            for number in (vessel.imo_number, vessel.mmsi)
            if number
        }
        vessels = {vessel.id: vessel for vessel in listing.vessels}
        return Contents(
            revision=listing.revision,
            fleet_ids=listing.fleet_ids,
            vessels=vessels,
            trackers={
                one.id: self._identity(one)
                for one in listing.trackers
                if one.vessel_id is None or one.vessel_id in vessels
            },
            numbers=numbers,
        )

    def _identity(self, sealed: SealedTracker) -> TrackerIdentity:
        keys = [Key(self._seal.open(sealed.secret), None)]
        if sealed.secret_previous is not None:
            keys.append(Key(self._seal.open(sealed.secret_previous), sealed.previous_until))
        return TrackerIdentity(sealed.id, sealed.fleet_id, sealed.vessel_id, tuple(keys))
