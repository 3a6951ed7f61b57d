"""Publishes what no worker did: after a crash, or while Valkey was away."""

from collections.abc import Callable
from uuid import UUID

import gevent
import structlog
from gevent.event import Event as Signal
from sqlalchemy.orm import Session

from harbor.errors import Unavailable
from harbor.fleet.status import Patience
from harbor.ingest.changes import alert_changes, position_changes, vessel_change
from harbor.live.feed import Change, Feed
from harbor.store import alerts, outbox, positions, standings, vessels
from harbor.store import newest as newest_positions
from harbor.store.database import Database
from harbor.store.outbox import Waiting

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
SWEEP_AGE_SECONDS = 2.0
SWEEP_BATCHES = 50
"""In one transaction; its other statements cost several times what a small batch does."""


class Sweeper:
    """One per worker; a batch is taken by one of them."""

    def __init__(
        self, database: Database, feed_of: Callable[[UUID], Feed], patience: Patience
    ) -> None:
        self._database = database
        self._feed_of = feed_of
        self._patience = patience
        self._wake = Signal()

    def hurry(self) -> None:
        """Valkey is back: don't wait for the next round."""
        self._wake.set()

    def run(self) -> None:
        """The greenlet: sweeps for ever."""
        while True:
            self._wake.wait(SWEEP_SECONDS)
            self._wake.clear()
            try:
                self.sweep_all()
            except Unavailable as error:
                log.debug("sweeper.waits", error=str(error))

    def sweep_all(self) -> None:
        """Publish what waits, the oldest first. Raises Unavailable when a server is away."""
        swept = 0
        while count := self.sweep():
            swept += count
            gevent.sleep(0)
        if swept:
            log.info("sweeper.published", batches=swept)

    def sweep(self) -> int:
        """Publish the oldest waiting batches; how many there were.

        Their rows stay locked until the feed has taken them, and go in the same transaction.
        It asks something for every batch, because PostgreSQL ends one that idles for seconds.
        """
        with self._database.session() as session:
            batches = outbox.claim(session, SWEEP_AGE_SECONDS, SWEEP_BATCHES)
            for batch in batches:
                changes = self._changes(session, batch)
                self._feed_of(batch.fleet_id).publish(batch.outbox_id, changes)
            if batches:
                outbox.remove(session, [batch.outbox_id for batch in batches])
        # Their marks stay: a publisher that lags may still have these batches.
        return len(batches)

    def _changes(self, session: Session, batch: Waiting) -> list[Change]:
        stored = positions.by_keys(session, batch.positions)
        raised = alerts.by_ids(session, batch.alerts)
        concerned = {key[1] for key in stored} | set(batch.vessels)
        concerned |= {one.alert.vessel_id for one in raised if one.alert.vessel_id}
        known = vessels.by_ids(session, sorted(concerned))
        senders = standings.of_fleet(session, batch.fleet_id)
        changes = position_changes(list(stored.values()), known.get, self._patience, senders)
        for vessel_id in batch.vessels:
            newest = newest_positions.of_vessel(session, vessel_id)
            changes.append(
                vessel_change(known[vessel_id], newest, batch, self._patience, senders)
            )
        return changes + alert_changes(raised, known.get)
