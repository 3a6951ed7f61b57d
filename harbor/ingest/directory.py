"""Vessels and trackers in memory: who may sign, for which vessel, under which name.

Read again every few seconds when PostgreSQL says that something changed, and before anybody
is refused. While it is away the last reading serves: nothing is acknowledged then anyhow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from types import MappingProxyType
from uuid import UUID

import gevent
import structlog
from gevent.lock import BoundedSemaphore

from harbor.errors import Misconfigured, Unavailable
from harbor.fleet.identity import harbor_id
from harbor.fleet.vessel import Particulars
from harbor.store import directory as stored
from harbor.store.database import Database
from harbor.store.directory import Listing, SealedTracker
from harbor.store.trackers import Seal

log = structlog.get_logger()

REFRESH_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.25


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
    """The newest reading; requests only look at it, a greenlet keeps it new."""

    def __init__(self, database: Database, seal: Seal, clock: Callable[[], float] = monotonic):
        self._database = database
        self._seal = seal
        self._clock = clock
        self._contents = Contents()
        self._opened: dict[str, bytes] = {}
        self._read_at = float("-inf")
        self._first_reading = BoundedSemaphore()

    def contents(self) -> Contents:
        """Raises Unavailable only when nothing was ever read."""
        if not self._contents.revision:
            # Everybody waits for the first reading: an empty one would refuse good trackers.
            with self._first_reading:
                if not self._contents.revision:
                    self.refresh()
        return self._contents

    def run(self) -> None:
        """The greenlet: reads again for ever. The last reading serves while that fails."""
        is_stale = False
        while True:
            gevent.sleep(REFRESH_SECONDS)
            try:
                self.refresh()
                is_stale = False
            except Unavailable:
                if not is_stale:
                    log.warning("directory.stale", revision=self._contents.revision)
                is_stale = True

    def look_again(self) -> bool:
        """Before somebody is refused: True when there is a newer reading than they met.

        What was added or rotated a moment ago must count. Raises Unavailable: then nobody
        knows whether they are to be refused.
        """
        if self._clock() - self._read_at < LOOK_AGAIN_SECONDS:
            return False
        before = self._contents.revision
        self.refresh()
        return self._contents.revision != before

    def refresh(self) -> None:
        """Read it again if it changed. Raises Unavailable."""
        began_at = self._clock()
        with self._database.session() as session:
            if stored.revision(session) != self._contents.revision:
                self._contents = self._unseal(stored.listing(session))
        self._read_at = began_at

    def _unseal(self, listing: Listing) -> Contents:
        vessels = {vessel.id: vessel for vessel in listing.vessels}
        numbers = {
            (vessel.fleet_id, number): vessel.id
            for vessel in listing.vessels
            for number in (vessel.imo_number, vessel.mmsi)
            if number
        }
        trackers = {
            sealed.id: self._identity(sealed)
            for sealed in listing.trackers
            if sealed.vessel_id is None or sealed.vessel_id in vessels
        }
        return Contents(listing.revision, listing.fleet_ids, vessels, trackers, numbers)

    def _identity(self, sealed: SealedTracker) -> TrackerIdentity:
        keys = [*self._key(sealed, sealed.secret, None)]
        if sealed.secret_previous is not None:
            keys += self._key(sealed, sealed.secret_previous, sealed.previous_until)
        return TrackerIdentity(sealed.id, sealed.fleet_id, sealed.vessel_id, tuple(keys))

    def _key(
        self, sealed: SealedTracker, secret: str, until: datetime | None
    ) -> tuple[Key, ...]:
        """The key, or none: one secret that can't be opened must not stop the others."""
        if secret not in self._opened:
            try:
                self._opened[secret] = self._seal.open(secret)
            except Misconfigured as error:
                log.warning(
                    "tracker.secret_unreadable", tracker=str(sealed.id), error=str(error)
                )
                return ()
        return (Key(self._opened[secret], until),)
