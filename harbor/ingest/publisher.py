"""After the commit: into the feed. What a crash or an absence leaves behind is swept up."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import gevent
import structlog
from gevent.event import Event as Signal

from harbor.errors import Unavailable
from harbor.fleet import geojson
from harbor.fleet.report import PositionReport
from harbor.fleet.status import Patience
from harbor.fleet.vessel import Particulars
from harbor.live.event import Placed, place
from harbor.live.feed import Change, Feed, How
from harbor.store import outbox, positions, vessels
from harbor.store.database import Database
from harbor.store.outbox import Waiting
from harbor.store.positions import Batch, StoredPosition

log = structlog.get_logger()

BATCHES_WAITING_MAX = 10_000
"""Beyond it the sweeper does it: the outbox has every batch."""
TIDY_SECONDS = 0.25
SWEEP_SECONDS = 1.0
SWEEP_AGE = timedelta(seconds=2)
SWEEP_BATCHES = 50

FindVessel = Callable[[UUID], Particulars | None]
FeedOf = Callable[[UUID], Feed]


@dataclass(frozen=True, slots=True)
class Committed:
    """A batch on its way into the feed."""

    batch: Batch
    reports: Sequence[PositionReport]
    received_at: datetime


class Publisher:
    """One greenlet publishes what the writer hands over, in order; one tidies the outbox."""

    def __init__(
        self, database: Database, feed_of: FeedOf, find_vessel: FindVessel, patience: Patience
    ) -> None:
        self._database = database
        self._feed_of = feed_of
        self._find_vessel = find_vessel
        self._patience = patience
        self._waiting: deque[Committed] = deque()
        self._wake = Signal()
        self._published: list[tuple[UUID, UUID]] = []

    def hand_over(
        self, batch: Batch, reports: Sequence[PositionReport], received_at: datetime
    ) -> None:
        """Never waits: when too much is on its way already, the sweeper takes it."""
        if len(self._waiting) < BATCHES_WAITING_MAX:
            self._waiting.append(Committed(batch, reports, received_at))
            self._wake.set()

    def run(self) -> None:
        """The greenlet: publishes for ever."""
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._publish(self._waiting.popleft())

    def _publish(self, committed: Committed) -> None:
        batch = committed.batch
        stored = [StoredPosition(one, committed.received_at) for one in committed.reports]
        try:
            changes = position_changes(stored, self._find_vessel, self._patience)
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


class Sweeper:
    """Publishes batches that no worker did: after a crash, or while Valkey was away."""

    def __init__(
        self,
        database: Database,
        feed_of: FeedOf,
        patience: Patience,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._feed_of = feed_of
        self._patience = patience
        self._clock = clock
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
                while self.sweep() == SWEEP_BATCHES:
                    pass
            except Unavailable:
                log.debug("sweeper.waits")

    def sweep(self) -> int:
        """Publish the oldest waiting batches; returns how many there were.

        The rows stay locked until the feed has taken them, and go in the same transaction.
        Raises Unavailable when either server is away.
        """
        with self._database.session() as session:
            batches = outbox.claim(session, self._clock() - SWEEP_AGE, SWEEP_BATCHES)
            if not batches:
                return 0
            keys = [key for batch in batches for key in batch.positions]
            stored = positions.by_keys(session, keys)
            wanted = {report.report.vessel_id for report in stored.values()}
            wanted |= {vessel_id for batch in batches for vessel_id in batch.vessels}
            known = vessels.by_ids(session, sorted(wanted))
            for batch in batches:
                found = [stored[key] for key in batch.positions if key in stored]
                changes = position_changes(found, known.get, self._patience)
                for vessel_id in batch.vessels:
                    newest = positions.newest_of(session, batch.fleet_id, vessel_id)
                    changes.append(
                        vessel_change(known[vessel_id], newest, batch, self._patience)
                    )
                self._feed_of(batch.fleet_id).publish(batch.outbox_id, changes)
            outbox.remove(session, [batch.outbox_id for batch in batches])
        # Their marks stay: a publisher that lags may still have one of these batches.
        log.info("sweeper.published", batches=len(batches), positions=len(keys))
        return len(batches)


def position_changes(
    stored: Sequence[StoredPosition], find_vessel: FindVessel, patience: Patience
) -> list[Change]:
    """Events for positions, oldest first; of a vessel nobody knows any more there is none."""
    changes = []
    for one in sorted(stored, key=lambda position: position.report.recorded_at):
        vessel = find_vessel(one.report.vessel_id)
        if vessel is not None:
            changes.append(Change(How.POSITION, placed(one, vessel, patience)))
    return changes


def placed(one: StoredPosition, vessel: Particulars, patience: Patience) -> Placed:
    """A stored position as the feed carries it, its age as of when it came in."""
    feature = geojson.feature(one.report, one.received_at, vessel, one.received_at, patience)
    return place(one.report, feature)


def vessel_change(
    vessel: Particulars, newest: StoredPosition | None, waiting: Waiting, patience: Patience
) -> Change:
    """An event that says that a vessel was added, renamed or removed."""
    how = How.GONE if waiting.change == "removed" else How.VESSEL
    if newest is None:
        nowhere = float("nan")
        feature = geojson.changed(geojson.silent_feature(vessel), waiting.change)
        return Change(how, Placed(str(vessel.id), 0, nowhere, nowhere, feature))
    known = placed(newest, vessel, patience)
    feature = geojson.changed(known.feature, waiting.change)
    return Change(
        how,
        Placed(known.vessel_id, known.recorded_us, known.latitude, known.longitude, feature),
    )


def forget(feed_of: FeedOf, done: Sequence[tuple[UUID, UUID]]) -> None:
    """Drop the marks of batches whose rows are gone; left behind, they end by themselves."""
    for fleet_id in {fleet_id for fleet_id, _ in done}:
        try:
            feed_of(fleet_id).forget_marks([one for fleet, one in done if fleet == fleet_id])
        except Unavailable:
            log.debug("publisher.marks_left", batches=len(done))


def now_utc() -> datetime:
    return datetime.now(UTC)
