"""The writer's own connection to PostgreSQL: kept open, renewed when it breaks."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from harbor.ingest.writer import RowPutOff, RowRefused
from harbor.store import partitions, positions
from harbor.store.database import Database, ask, first_line, unavailable_when_away
from harbor.store.partitions import Period
from harbor.store.positions import Batch, Key, Rows, StoredPosition

log = structlog.get_logger()

T = TypeVar("T")


class PostgresLedger:
    """One connection in autocommit: the group's statement is its own transaction."""

    def __init__(self, database: Database, period: Period) -> None:
        self._database = database
        self._period = period
        self._connection: Connection | None = None

    def record(self, rows: Rows, received_at: datetime) -> list[Batch]:
        try:
            return self._with_partitions(rows, received_at)
        except (DataError, IntegrityError) as error:
            raise RowRefused(str(error.orig)) from error

    def known(self, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
        return self._run(lambda connection: positions.by_keys(connection, keys))

    def ask(self) -> None:
        self._run(ask)

    def _with_partitions(self, rows: Rows, received_at: datetime) -> list[Batch]:
        try:
            return self._run(lambda c: positions.record(c, rows, received_at))
        except IntegrityError as error:
            if not partitions.is_missing(error):
                raise
        moments = [at for _, _, at, _ in rows]
        self._run(lambda c: self._make_partitions(c, moments, received_at))
        return self._run(lambda c: positions.record(c, rows, received_at))

    def _make_partitions(
        self, connection: Connection, moments: Sequence[datetime], received_at: datetime
    ) -> None:
        try:
            partitions.ensure_for(connection, moments, received_at, self._period)
        except DBAPIError as error:
            if partitions.is_in_the_way(error):
                said = first_line(error)
                log.error("partition.in_the_way", said=said)  # noqa: TRY400 - the table is enough
                raise RowPutOff(said) from error
            raise

    def _run(self, work: Callable[[Connection], T]) -> T:
        """Once more on a new connection when the old one broke: a repeat adds nothing."""
        with unavailable_when_away():
            try:
                return work(self._connect())
            except (DataError, IntegrityError):
                raise
            except DBAPIError as error:
                self.close()
                if not error.connection_invalidated:
                    raise
            return work(self._connect())

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
        return self._connection

    def close(self) -> None:
        """Give up the connection: nothing of it is used again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
