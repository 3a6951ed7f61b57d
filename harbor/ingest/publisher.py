"""After the commit: into the feed, by a greenlet for which no request waits."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import gevent
import structlog
from gevent.event import Event as Signal

from harbor.errors import Unavailable
from harbor.fleet.sources import NO_DIFFERENCE, Standings
from harbor.fleet.status import Patience
from harbor.ingest.changes import FindVessel, position_changes
from harbor.live.feed import Feed
from harbor.store import outbox
from harbor.store.database import Database
from harbor.store.positions import Batch, StoredPosition

log = structlog.get_logger()

POSITIONS_WAITING_MAX = 10_000
"""Beyond it the sweeper does it: the outbox has every batch."""
TIDY_SECONDS = 0.25

FeedOf = Callable[[UUID], Feed]
StandingsOf = Callable[[UUID], Standings]


@dataclass(frozen=True, slots=True)
class Committed:
    """A batch on its way into the feed."""

    batch: Batch
    received_at: datetime


class Publisher:
    """One greenlet publishes what the writer hands over, in order; one tidies the outbox."""

    def __init__(
        self,
        database: Database,
        feed_of: FeedOf,
        find_vessel: FindVessel,
        patience: Patience,
        standings_of: StandingsOf = lambda fleet_id: NO_DIFFERENCE,
    ) -> None:
        self._database = database
        self._feed_of = feed_of
        self._find_vessel = find_vessel
        self._patience = patience
        self._standings_of = standings_of
        self._waiting: deque[Committed] = deque()
        self._waiting_positions = 0
        self._wake = Signal()
        self._published: list[tuple[UUID, UUID]] = []

    def hand_over(self, batch: Batch, received_at: datetime) -> None:
        """Never waits: when too much is on its way already, the sweeper takes it."""
        if self._waiting_positions + len(batch.rows) <= POSITIONS_WAITING_MAX:
            self._waiting.append(Committed(batch, received_at))
            self._waiting_positions += len(batch.rows)
            self._wake.set()

    def run(self) -> None:
        """The greenlet: publishes for ever."""
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                committed = self._waiting.popleft()
                self._waiting_positions -= len(committed.batch.rows)
                self._publish(committed)

    def _publish(self, committed: Committed) -> None:
        batch = committed.batch
        stored = [StoredPosition(one, committed.received_at) for one in batch.rows.values()]
        try:
            standings = self._standings_of(batch.fleet_id)
            changes = position_changes(stored, self._find_vessel, self._patience, standings)
            self._feed_of(batch.fleet_id).publish(batch.outbox_id, changes)
        except Unavailable:
            log.debug("publisher.left_to_sweeper", batch=str(batch.outbox_id))
        else:
            self._published.append((batch.fleet_id, batch.outbox_id))

    def tidy(self) -> None:
        """The greenlet: takes published batches out of the outbox, many at a time."""
        while True:
            gevent.sleep(TIDY_SECONDS)
            done, self._published = self._published, []
            if not done:
                continue
            try:
                with self._database.session() as session:
                    outbox.remove(session, [batch_id for _, batch_id in done])
            except Unavailable:
                self._published += done
            else:
                forget(self._feed_of, done)


def forget(feed_of: FeedOf, done: Sequence[tuple[UUID, UUID]]) -> None:
    """Drop the marks of batches whose rows are gone; left behind, they end by themselves."""
    for fleet_id in {fleet_id for fleet_id, _ in done}:
        try:
            feed_of(fleet_id).forget_marks([one for fleet, one in done if fleet == fleet_id])
        except Unavailable:
            log.debug("publisher.marks_left", batches=len(done))
