"""Broken on purpose: the feed follows the table by `id > last`.

Ids are given in the order in which statements run, not in the order in which they commit;
a transaction that asks one more thing after its insert, as most do, shows the difference.
"""

import gevent
from sqlalchemy import delete, select, text

import harbor
from harbor.errors import Unavailable
from harbor.ingest.changes import position_changes
from harbor.store import outbox, positions, vessels
from harbor.store.models import FeedOutbox

POLL_SECONDS = 0.005
ONLY_ONE = text("SELECT pg_try_advisory_xact_lock(4711)")


class Tail:
    """One worker at a time publishes what stands behind the last id it saw."""

    def __init__(self, runtime):
        self._runtime = runtime
        self._last = None

    def run(self):
        while True:
            gevent.sleep(POLL_SECONDS)
            try:
                self.follow()
            except Unavailable:
                continue  # away: asked again

    def follow(self):
        runtime = self._runtime
        with runtime.database.session() as session:
            if not session.scalar(ONLY_ONE):
                return
            asked = select(FeedOutbox).order_by(FeedOutbox.id)
            if self._last is not None:
                asked = asked.where(FeedOutbox.id > self._last)
            for batch in map(outbox._waiting, session.scalars(asked).all()):
                stored = positions.by_keys(session, batch.positions)
                changes = position_changes(
                    list(stored.values()), runtime.find_vessel, runtime.patience
                )
                runtime.outgoing_feed(batch.fleet_id).publish(batch.outbox_id, changes)
                self._last = batch.outbox_id
            if self._last is not None:
                session.execute(delete(FeedOutbox).where(FeedOutbox.id <= self._last))


class TalkativeLedger:
    """The real statement, then another question, then the commit."""

    def __init__(self, database, ledger):
        self._database = database
        self.known = ledger.known
        self.ask = ledger.ask
        self.close = ledger.close

    def record(self, rows, received_at):
        with self._database.session() as session:
            batches = positions.record(session.connection(), rows, received_at)
            vessels.all_vessels(session, next(iter(rows))[0])
        return batches


def create_app():
    app = harbor.create_app()
    runtime = app.extensions["harbor"]
    runtime.writer._ledger = TalkativeLedger(runtime.database, runtime.writer._ledger)
    runtime.writer._publish = lambda batch, received_at: None
    runtime.sweeper.run = Tail(runtime).run
    return app
