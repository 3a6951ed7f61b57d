"""Group commit: one greenlet writes all reports that wait, then wakes every request.

What a request is told has been committed. Nothing here waits for a reader, and the
hand-over is bounded: over it, or when PostgreSQL is away, the answer is "come back".
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic
from typing import Protocol

import gevent
import structlog
from gevent.event import Event as Signal

from harbor.errors import Unavailable
from harbor.fleet.report import PositionReport
from harbor.store.positions import Batch, Key, Rows, StoredPosition, in_order, key_of

log = structlog.get_logger()

ROWS_PER_COMMIT_MAX = 1000
COMMIT_SPACING_SECONDS = 0.01
"""Under load more requests share a commit, an outbox row and a call to Valkey."""
ASK_AGAIN_SECONDS = 0.5
"""While PostgreSQL is away the writer asks so often whether it is back."""


class Fate(StrEnum):
    """What became of one report."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    PUT_OFF = "put_off"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`is_identical` tells a repeat of the same content from another content."""

    fate: Fate
    is_identical: bool = True
    detail: str = ""


STORED = Outcome(Fate.STORED)


class Ledger(Protocol):
    """What the writer needs of PostgreSQL; may raise Unavailable."""

    def record(self, rows: Rows, received_at: datetime) -> list[Batch]:
        """Commit what is new; raises RowRefused when PostgreSQL won't take a row."""
        ...

    def known(self, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
        """The stored positions under these keys."""
        ...

    def ask(self) -> None:
        """One round trip."""
        ...

    def close(self) -> None:
        """Give back the connection, if there is one."""
        ...


class RowRefused(Exception):
    """A row among several that PostgreSQL does not take; none of them was stored."""


class RowPutOff(RowRefused):
    """A row that PostgreSQL can't take now, though it takes others: it may come again."""


class Group:
    """Reports that are committed together; each request waits and takes its part.

    One timer for all of them, from the first one on: a timer for each is dear.
    """

    __slots__ = ("_done", "_timer", "error", "outcomes", "received_at", "reports")

    def __init__(self, patience_s: float) -> None:
        self.reports: list[PositionReport] = []
        self.received_at: datetime
        self.outcomes: list[Outcome] = []
        self.error: Exception | None = None
        self._done = Signal()
        self._timer = gevent.get_hub().loop.timer(patience_s)
        self._timer.start(self.fail, Unavailable("The database did not answer in time."))

    def wait(self) -> None:
        self._done.wait()

    def settle(self, outcomes: list[Outcome]) -> None:
        self.outcomes = outcomes
        self._end()

    def fail(self, error: Exception) -> None:
        self.error = error
        self._end()

    def _end(self) -> None:
        self._timer.close()
        self._done.set()


Publish = Callable[[Batch, datetime], None]


class Writer:
    """Takes reports from many greenlets, commits them together."""

    def __init__(
        self,
        ledger: Ledger,
        publish: Publish,
        reports_max: int,
        patience_s: float,
    ) -> None:
        self._ledger = ledger
        self._publish = publish
        self._reports_max = reports_max
        self._patience_s = patience_s
        self._groups: deque[Group] = deque()
        self._waiting_reports = 0
        self._wake = Signal()
        self._is_away = False
        self._is_failing = False
        self._next_at = float("-inf")

    def close(self) -> None:
        self._ledger.close()

    @property
    def waiting_reports(self) -> int:
        """Taken, and not yet committed."""
        return self._waiting_reports

    def write(self, reports: Sequence[PositionReport], received_at: datetime) -> list[Outcome]:
        """One outcome per report, after the commit.

        Raises Unavailable when too many wait already, the database is away, or the commit
        takes too long; it may still happen then, and a repeat will be told `duplicate`.
        """
        if not reports:
            return []
        self._check(len(reports))
        group = self._open_group(len(reports))
        begin = len(group.reports)
        group.reports += reports
        group.received_at = received_at
        self._waiting_reports += len(reports)
        self._wake.set()
        group.wait()
        if isinstance(group.error, Unavailable):
            raise Unavailable(str(group.error))
        if group.error is not None:
            raise group.error
        return group.outcomes[begin : begin + len(reports)]

    def run(self) -> None:
        """The greenlet: commits for ever."""
        while True:
            if self._is_away:
                self._wait_for_database()
            self._wake.wait()
            self._wake.clear()
            while self._groups:
                self._let_it_fill()
                group = self._groups.popleft()
                self._waiting_reports -= len(group.reports)
                if group.error is None:  # else nobody waits for it any more: they send again
                    self._commit(group)

    def _let_it_fill(self) -> None:
        """Commits don't follow each other too closely; one after a pause begins at once."""
        wait_s = self._next_at - monotonic()
        if wait_s > 0 and len(self._groups) == 1:
            gevent.sleep(wait_s)
        self._next_at = monotonic() + COMMIT_SPACING_SECONDS

    def _check(self, count: int) -> None:
        """Raises Unavailable at once when so many can't wait, or would wait for nothing."""
        if self._waiting_reports + count > self._reports_max:
            raise Unavailable("Too many positions wait to be stored.")
        if self._is_away:
            raise Unavailable("The database is away; nothing was stored.")

    def _open_group(self, count: int) -> Group:
        newest = self._groups[-1] if self._groups else None
        is_full = newest is not None and len(newest.reports) + count > ROWS_PER_COMMIT_MAX
        if newest is None or is_full or newest.error is not None:
            newest = Group(self._patience_s)
            self._groups.append(newest)
        return newest

    def _commit(self, group: Group) -> None:
        try:
            outcomes = self._store(group)
        except Unavailable as error:
            self._send_away(group, error)
        except Exception as error:
            log.exception("writer.failed")
            group.fail(error)
        else:
            if self._is_failing:
                self._is_failing = False
                log.info("writer.database_back")
            group.settle(outcomes)

    def _send_away(self, group: Group, error: Unavailable) -> None:
        """All that wait, not only this group: the next try would take as long again."""
        if not self._is_failing:
            log.warning("writer.database_away", error=str(error))
        self._is_away = self._is_failing = True
        waiting, self._groups = self._groups, deque()
        self._waiting_reports = 0
        # A new error: the old one's traceback would keep its broken connection open.
        told = Unavailable(str(error))
        for one in (group, *waiting):
            one.fail(told)

    def _wait_for_database(self) -> None:
        while self._is_away:
            gevent.sleep(ASK_AGAIN_SECONDS)
            try:
                self._ledger.ask()
            except Unavailable as error:
                log.debug("writer.database_still_away", error=str(error))
            else:
                self._is_away = False

    def _store(self, group: Group) -> list[Outcome]:
        """One statement for all; if it is refused, each report by itself."""
        rows = in_order(group.reports)
        batches, refused = self._record(rows, group.received_at)
        if sum(len(batch.rows) for batch in batches) == len(group.reports):
            return [STORED] * len(group.reports)
        return self._tell_apart(group.reports, rows, batches, refused)

    def _record(
        self, rows: Rows, received_at: datetime
    ) -> tuple[list[Batch], dict[Key, RowRefused]]:
        """What is new, published; and why others were refused."""
        try:
            batches = self._ledger.record(rows, received_at)
        except RowRefused as error:
            if len(rows) == 1:
                return [], dict.fromkeys(rows, error)
            items, middle = list(rows.items()), len(rows) // 2
            left, left_refused = self._record(dict(items[:middle]), received_at)
            right, right_refused = self._record(dict(items[middle:]), received_at)
            return left + right, left_refused | right_refused
        for batch in batches:
            self._publish(batch, received_at)
        return batches, {}

    def _tell_apart(
        self,
        reports: Sequence[PositionReport],
        rows: Rows,
        batches: Sequence[Batch],
        refused: Mapping[Key, RowRefused],
    ) -> list[Outcome]:
        """An outcome for each; of reports under one new key only the first was stored."""
        new = {key for batch in batches for key in batch.rows}
        old = [key for key in rows if key not in new and key not in refused]
        known = self._ledger.known(old) if old else {}
        outcomes = []
        for report in reports:
            key = key_of(report)
            if key in refused:
                error = refused[key]
                fate = Fate.PUT_OFF if isinstance(error, RowPutOff) else Fate.REFUSED
                outcomes.append(Outcome(fate, detail=str(error)))
            elif key in new:
                new.remove(key)
                outcomes.append(STORED)
            else:
                kept = known[key].report if key in known else rows[key]
                outcomes.append(Outcome(Fate.DUPLICATE, is_identical=kept == report))
        return outcomes
