"""Broken on purpose: looks whether a position exists, then inserts it; no unique key helps.

The proof takes the primary key away for this one: with it the same code would answer 500.
"""

from dataclasses import fields
from uuid import uuid4

from sqlalchemy import insert

import harbor
from harbor.store.models import FeedOutbox, Position
from harbor.store.positions import Batch, by_keys


class CheckingLedger:
    """SELECT, then INSERT: two workers may both find nothing."""

    def __init__(self, database, ledger):
        self._database = database
        self.known = ledger.known
        self.ask = ledger.ask
        self.close = ledger.close

    def record(self, rows, received_at):
        with self._database.session() as session:
            known = by_keys(session, list(rows))
            new = {key: report for key, report in rows.items() if key not in known}
            if not new:
                return []
            batch = Batch(uuid4(), next(iter(new))[0], new)
            values = [values_of(report, received_at) for report in new.values()]
            session.execute(insert(Position), values)
            keys = [[str(vessel), at.isoformat(), str(by)] for _, vessel, at, by in new]
            boxed = {"id": batch.outbox_id, "fleet_id": batch.fleet_id}
            session.execute(insert(FeedOutbox), [boxed | {"content": {"positions": keys}}])
        return [batch]


def values_of(report, received_at):
    said = {field.name: getattr(report, field.name) for field in fields(report)}
    return said | {"received_at": received_at, "attributes": report.attributes or None}


def create_app():
    app = harbor.create_app()
    runtime = app.extensions["harbor"]
    runtime.writer._ledger = CheckingLedger(runtime.database, runtime.writer._ledger)
    return app
