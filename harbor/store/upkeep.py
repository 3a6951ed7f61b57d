"""The maintainer: makes partitions ahead, drops what is too old, thins what is old.

Every worker has one and `harbor positions maintain` is one; an advisory lock lets one of them
work, the others go on at once. Nothing here may hold up ingest: every lock is waited for
briefly, every statement is short, and what did not work is tried again later.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from harbor.config import Settings
from harbor.store import partitions, retention, thinning
from harbor.store.database import Database, first_line, is_away, unavailable_when_away
from harbor.store.partitions import Period, Span
from harbor.store.thinning import Stretch

log = structlog.get_logger()

ONE_AT_A_TIME = 4_715_010
EVERY = timedelta(hours=1)
CLOCKS_MAY_DIFFER = timedelta(hours=1)
STEPS_BETWEEN_NOTES = 50
"""Steps of thinning until it is written down how far it came."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator wants; 0 days: never."""

    period: Period
    retention_days: int
    thin_after_days: int


def policy_of(settings: Settings) -> Policy:
    return Policy(
        settings.position_partitions, settings.retention_days, settings.thin_after_days
    )


@dataclass(frozen=True, slots=True)
class Haste:
    """How long a statement may take and a lock be waited for, and how much is thinned in a run.

    `rest` is how long thinning rests after each step, as a multiple of what the step took.
    """

    statement_ms: int
    lock_ms: int
    thin_seconds: float
    rest: float


AT_LEISURE = Haste(statement_ms=600_000, lock_ms=5_000, thin_seconds=float("inf"), rest=0.0)
"""For a person or a timer that waits for it."""


def in_passing(database_timeout_s: float) -> Haste:
    """For a worker, which gives up a connection that is silent for so long."""
    in_time_ms = int(750 * database_timeout_s)
    return Haste(statement_ms=in_time_ms, lock_ms=in_time_ms, thin_seconds=10.0, rest=1.0)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to be done, or that was done, to one partition.

    `keep`: its dropping was begun, but by now it is young enough to stay.
    `rows` and `bytes` are PostgreSQL's estimate of what is dropped or looked at; after
    thinning `rows` is how many went. `problem` says why it was put off.
    """

    action: Literal["make", "drop", "keep", "thin"]
    partition: str
    start_at: datetime | None = None
    end_at: datetime | None = None
    rows: int | None = None
    bytes: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Clocks:
    """One moment as this host and PostgreSQL's tell it."""

    ours_at: datetime
    database_at: datetime

    @property
    def earlier_at(self) -> datetime:
        """So much has passed by both; what goes by it is old enough by both."""
        return min(self.ours_at, self.database_at)

    @property
    def are_doubted(self) -> bool:
        return abs(self.ours_at - self.database_at) > CLOCKS_MAY_DIFFER


Work = Callable[[], int | None]
"""Does a deed; may return how many rows went."""


class Upkeep:
    """One maintainer. `run_when_due` is for a worker's chores, the rest for anybody."""

    def __init__(self, database: Database, policy: Policy, haste: Haste) -> None:
        self._database = database
        self._policy = policy
        self._haste = haste
        self._last_at: datetime | None = None
        self._is_all_done = True
        self._thin_until = 0.0

    def run_when_due(self, now: datetime) -> None:
        """Hourly; at once when a period has begun, or when the last run left something.

        Raises Unavailable.
        """
        if self._is_due(now):
            deeds = self.run(now)
            if deeds is not None:
                self._last_at = now

    def _is_due(self, now: datetime) -> bool:
        if self._last_at is None or not self._is_all_done:
            return True
        if abs(now - self._last_at) >= EVERY:  # a clock that was ahead may be set back
            return True
        period = self._policy.period
        return partitions.start_of(now, period) != partitions.start_of(self._last_at, period)

    def clocks(self, now: datetime) -> Clocks:
        """With clocks in doubt, nothing is dropped or thinned. Raises Unavailable."""
        with unavailable_when_away(), self._connected() as connection:
            return read_clocks(connection, now)

    def plan(self, now: datetime) -> tuple[Deed, ...]:
        """What a run would do now; it changes nothing. Raises Unavailable."""
        with unavailable_when_away(), self._connected() as connection:
            return tuple(deed for deed, _ in self._due(connection, now))

    def run(self, now: datetime) -> tuple[Deed, ...] | None:
        """Do what is due; None when another maintainer is at it. Raises Unavailable."""
        with (
            unavailable_when_away(),
            self._connected() as connection,
            one_at_a_time(connection) as is_mine,
        ):
            if not is_mine:
                return None
            self._is_all_done = True
            self._thin_until = time.monotonic() + self._haste.thin_seconds
            return tuple(done(deed, work) for deed, work in self._due(connection, now))

    def _due(self, connection: Connection, now: datetime) -> Iterator[tuple[Deed, Work]]:
        """One after the other: what is made is made before the next is asked for."""
        clocks, there = read_clocks(connection, now), partitions.spans(connection)
        yield from self._to_make(connection, there, clocks.earlier_at)
        if clocks.are_doubted:
            log.error(
                "upkeep.clock_doubted", ours=clocks.ours_at, postgresql=clocks.database_at
            )
        else:
            yield from self._to_remove(connection, there, clocks.earlier_at)

    def _to_remove(
        self, connection: Connection, there: Sequence[Span], now: datetime
    ) -> Iterator[tuple[Deed, Work]]:
        detached = retention.left_over(connection)
        doomed = retention.expired((*there, *detached), now, self._policy.retention_days)
        staying = [span for span in there if span not in doomed]
        yield from self._to_end(connection, detached, doomed)
        yield from self._to_drop(connection, [span for span in there if span in doomed])
        yield from self._to_keep(connection, staying)
        yield from self._to_thin(connection, staying, now)

    def _to_make(
        self, connection: Connection, there: Sequence[Span], now: datetime
    ) -> Iterator[tuple[Deed, Work]]:
        period = self._policy.period
        for span in partitions.missing(there, now, period):
            deed = Deed("make", span.name, span.start_at, span.end_at)
            yield deed, partial(partitions.ensure, connection, span.start_at, period)

    def _to_end(
        self, connection: Connection, detached: Sequence[Span], doomed: Sequence[Span]
    ) -> Iterator[tuple[Deed, Work]]:
        """What a run before had detached when it was interrupted."""
        for span in detached:
            if span in doomed:
                deed = Deed("drop", span.name, span.start_at, span.end_at)
                yield deed, partial(retention.drop_detached, connection, span.name)
            else:
                deed = Deed("keep", span.name, span.start_at, span.end_at)
                yield deed, partial(retention.keep_detached, connection, span)

    def _to_drop(
        self, connection: Connection, doomed: Sequence[Span]
    ) -> Iterator[tuple[Deed, Work]]:
        measured = partitions.sizes(connection, [span.name for span in doomed])
        for span in doomed:
            size = measured[span.name]
            deed = Deed("drop", span.name, span.start_at, span.end_at, size.rows, size.bytes)
            yield deed, partial(retention.drop, connection, span)

    def _to_keep(
        self, connection: Connection, staying: Sequence[Span]
    ) -> Iterator[tuple[Deed, Work]]:
        for span in staying:
            if span.is_marked:
                deed = Deed("keep", span.name, span.start_at, span.end_at)
                yield deed, partial(retention.keep, connection, span)

    def _to_thin(
        self, connection: Connection, staying: Sequence[Span], now: datetime
    ) -> Iterator[tuple[Deed, Work]]:
        days = self._policy.thin_after_days
        old = thinning.stretches(connection, staying, now, days)
        measured = partitions.sizes(connection, [one.span.name for one in old])
        for one in old:
            rows = round(measured[one.span.name].rows * one.share)
            deed = Deed("thin", one.span.name, one.start_at, one.end_at, rows)
            yield deed, partial(self._thin, connection, one)

    def _thin(self, connection: Connection, stretch: Stretch) -> int:
        """As far as the time of this run allows; returns how many rows went."""
        left, gone, number = stretch, 0, 0
        while not left.is_done and time.monotonic() < self._thin_until:
            begun_at = time.monotonic()
            left, deleted = thinning.step(connection, left)
            gone, number = gone + deleted, number + 1
            if number % STEPS_BETWEEN_NOTES == 0:
                thinning.write_down(connection, left)
            if self._haste.rest:
                time.sleep(self._haste.rest * (time.monotonic() - begun_at))
        if number:
            thinning.write_down(connection, left)
        self._is_all_done = self._is_all_done and left.is_done
        return gone

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection in autocommit with time-outs of its own, given back as it was."""
        with self._database.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f"SET statement_timeout = {self._haste.statement_ms}"))
            connection.execute(text(f"SET lock_timeout = {self._haste.lock_ms}"))
            try:
                yield connection
            finally:
                if not connection.invalidated:
                    connection.execute(text("RESET statement_timeout"))
                    connection.execute(text("RESET lock_timeout"))


def read_clocks(connection: Connection, now: datetime) -> Clocks:
    """`now` is this host's clock."""
    database_at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return Clocks(now, database_at.astimezone(UTC))


@contextmanager
def one_at_a_time(connection: Connection) -> Iterator[bool]:
    """Whether this connection is the maintainer's now; it ends with the block or with it."""
    lock = {"lock": ONE_AT_A_TIME}
    is_mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), lock))
    try:
        yield is_mine
    finally:
        if is_mine and not connection.invalidated:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), lock)


def done(deed: Deed, work: Work) -> Deed:
    """The deed after trying; what stands in the way of one need not stop the others."""
    try:
        gone = work()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        said = first_line(error)
        is_passing = is_away(error) and not partitions.is_in_the_way(error)
        write = log.info if is_passing else log.error
        write("upkeep.put_off", action=deed.action, partition=deed.partition, said=said)
        return replace(deed, problem=said)
    result = deed if gone is None else replace(deed, rows=gone)
    log.info("upkeep.done", action=deed.action, partition=deed.partition, rows=result.rows)
    return result
