"""Vessels and trackers in memory: who may sign, for which vessel, under which name.

Read again every few seconds when PostgreSQL says that something changed, and before anybody
is refused. While it is away the last reading serves: nothing is acknowledged then anyhow.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import HMAC
from time import monotonic
from uuid import UUID

import gevent
import structlog
from gevent.event import AsyncResult

from harbor.errors import Invalid, Misconfigured, Unavailable
from harbor.fleet.thresholds import Thresholds
from harbor.ingest.contents import (
    Contents,
    Key,
    TrackerIdentity,
    bearers_of,
    nobodys_key,
    numbers_of,
    shared_of,
)
from harbor.ingest.signature import prepared
from harbor.store import directory as stored
from harbor.store.database import Database
from harbor.store.directory import Listing, SealedTracker
from harbor.store.trackers import Seal, token_of

log = structlog.get_logger()

REFRESH_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.25
WAITING_MAX = 100
"""Refusals that may wait for a reading at once: a flood of them must not fill the worker."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What is kept of a secret: neither of the two tells what it was."""

    hmac: HMAC
    token_digest: bytes


class Directory:
    """The newest reading; requests only look at it, a greenlet keeps it new."""

    def __init__(
        self,
        database: Database,
        seal: Seal,
        thresholds: Thresholds,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._seal = seal
        self._thresholds = thresholds
        self._clock = clock
        self._contents = Contents()
        self._opened: dict[str, Opened] = {}
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._failed_at = float("-inf")
        self._flight: AsyncResult[None] | None = None
        self._waiting = 0

    def contents(self) -> Contents:
        """Raises Unavailable only when nothing was ever read."""
        if not self._contents.revision:
            # Everybody waits for the first reading: an empty one would refuse good trackers.
            self.refresh()
        return self._contents

    def run(self, every_s: float = REFRESH_SECONDS) -> None:
        """The greenlet: reads again for ever. The last reading serves while that fails."""
        is_stale = False
        while True:
            gevent.sleep(every_s)
            try:
                self.refresh()
                is_stale = False
            except Unavailable:
                if not is_stale:
                    log.warning("directory.stale", revision=self._contents.revision)
                is_stale = True

    def look_again(self) -> bool:
        """Before something is refused: True when there is a newer reading than it met.

        At once; what was added in the last quarter of a second may be missing. Raises
        Unavailable: then nobody knows.
        """
        before = self._contents.revision
        if self._clock() - self._tried_at >= LOOK_AGAIN_SECONDS:
            self.refresh()
        return self._contents.revision != before

    def look_anew(self) -> bool:
        """As `look_again`, but waits for a reading that began after this call.

        For refusals that make a tracker drop what it sends: what was added or rotated a
        moment ago counts. However many ask, they share four readings a second. Raises
        Unavailable.
        """
        before, asked_at = self._contents.revision, self._clock()
        if self._waiting >= WAITING_MAX:
            raise Unavailable("Too many unknown signatures at once; nothing was stored.")
        self._waiting += 1
        try:
            while self._read_at < asked_at:
                self._go_on(asked_at)
        finally:
            self._waiting -= 1
        return self._contents.revision != before

    def _go_on(self, asked_at: float) -> None:
        """Take part in a reading, or wait until the next one is due."""
        if self._failed_at >= asked_at:
            raise Unavailable("The database is away; nothing was stored.")
        wait_s = self._tried_at + LOOK_AGAIN_SECONDS - self._clock()
        if self._flight is None and wait_s > 0:
            gevent.sleep(wait_s)
        else:
            self.refresh()

    def refresh(self) -> None:
        """Read it again if it changed; who comes meanwhile shares it. Raises Unavailable."""
        if self._flight is not None:
            self._flight.get()
            return
        flight: AsyncResult[None] = AsyncResult()
        self._flight = flight
        self._tried_at = began_at = self._clock()
        try:
            self._read()
            self._read_at = began_at
            flight.set(None)
        except BaseException as error:
            self._failed_at = began_at
            # Who shares it must never wait for ever, nor die of what ended this greenlet.
            reason = error if isinstance(error, Exception) else Unavailable("Try again.")
            flight.set_exception(reason)
            raise
        finally:
            self._flight = None

    def _read(self) -> None:
        with self._database.session() as session:
            if stored.revision(session) != self._contents.revision:
                self._contents = self._unseal(stored.listing(session))

    def _unseal(self, listing: Listing) -> Contents:
        vessels = {vessel.id: vessel for vessel in listing.vessels}
        before, self._opened = self._opened, {}
        trackers = [
            self._identity(sealed, before)
            for sealed in listing.trackers
            if sealed.vessel_id is None or sealed.vessel_id in vessels
        ]
        return Contents(
            revision=listing.revision,
            fleet_ids=listing.fleet_ids,
            vessels=vessels,
            named={str(tracker.id): tracker for tracker in trackers},
            numbers=numbers_of(listing.vessels),
            shared=shared_of(listing, trackers),
            bearers=bearers_of(trackers),
            devices=listing.devices,
            standings=listing.standings,
            thresholds={one: self._thresholds_of(one, listing) for one in listing.fleet_ids},
            unreadable=sum(not tracker.is_readable for tracker in trackers),
            fleet_sizes=Counter(vessel.fleet_id for vessel in listing.vessels),
        )

    def _thresholds_of(self, fleet_id: UUID, listing: Listing) -> Thresholds:
        """Those of the settings when a fleet's own can't be read: pings must go on."""
        try:
            return self._thresholds.changed_by(listing.thresholds.get(fleet_id, {}))
        except Invalid as error:
            log.warning("fleet.thresholds_unreadable", fleet=str(fleet_id), error=str(error))
            return self._thresholds

    def _identity(self, sealed: SealedTracker, before: Mapping[str, Opened]) -> TrackerIdentity:
        newest = self._key(sealed, sealed.secret, float("inf"), before)
        previous = nobodys_key()
        if sealed.secret_previous is not None and sealed.previous_until is not None:
            until_s = sealed.previous_until.timestamp()
            previous = self._key(sealed, sealed.secret_previous, until_s, before)
        keys = (newest, previous)
        return TrackerIdentity(
            sealed.id, sealed.fleet_id, sealed.vessel_id, keys, sealed.format
        )

    def _key(
        self, sealed: SealedTracker, secret: str, until_s: float, before: Mapping[str, Opened]
    ) -> Key:
        """One secret that can't be opened must not stop the others. Each is opened once."""
        try:
            opened = before.get(secret) or _opened(self._seal.open(secret))
        except Misconfigured as error:
            log.warning("tracker.secret_unreadable", tracker=str(sealed.id), error=str(error))
            return nobodys_key(until_s, is_readable=False)
        self._opened[secret] = opened
        return Key(opened.hmac, until_s, token_digest=opened.token_digest)


def _opened(key: bytes) -> Opened:
    return Opened(prepared(key), sha256(token_of(key).encode()).digest())
