"""Group commit: one greenlet writes all reports that wait, then wakes every request.

What a request is told has been committed. Nothing here waits for a reader, and the
hand-over is bounded: over it, or when PostgreSQL is away, the answer is "come back".
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import gevent
import structlog
from gevent.event import AsyncResult
from gevent.event import Event as Signal

from harbor.errors import Unavailable
from harbor.fleet.report import PositionReport
from harbor.store.positions import Batch, Key, StoredPosition, key_of

log = structlog.get_logger()

ROWS_PER_COMMIT_MAX = 1000


class Fate(StrEnum):
    """What became of one report."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`is_identical` tells a repeat of the same content from another content."""

    fate: Fate
    is_identical: bool = True
    detail: str = ""


class Ledger(Protocol):
    """What the writer needs of PostgreSQL; may raise Unavailable."""

    def record(self, reports: Sequence[PositionReport], received_at: datetime) -> list[Batch]:
        """Commit what is new; raises RowRefused when PostgreSQL won't take a row."""
        ...

    def known(self, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
        """The stored positions under these keys."""
        ...

    def close(self) -> None:
        """Give back the connection, if there is one."""
        ...


class RowRefused(Exception):
    """A row among several that PostgreSQL does not take; none of them was stored."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One request's reports and where its outcomes go."""

    reports: Sequence[PositionReport]
    received_at: datetime
    done: "AsyncResult[list[Outcome]]"


Publish = Callable[[Batch, Sequence[PositionReport], datetime], None]


class Writer:
    """Takes reports from many greenlets, commits them together."""

    def __init__(
        self, ledger: Ledger, publish: Publish, reports_max: int, patience_s: float
    ) -> None:
        self._ledger = ledger
        self._publish = publish
        self._reports_max = reports_max
        self._patience_s = patience_s
        self._waiting: deque[Submission] = deque()
        self._waiting_reports = 0
        self._wake = Signal()

    def close(self) -> None:
        self._ledger.close()

    def write(self, reports: Sequence[PositionReport], received_at: datetime) -> list[Outcome]:
        """One outcome per report, after the commit.

        Raises Unavailable when too many wait already, the database is away, or the commit
        takes too long; it may still happen then, and a repeat will be told `duplicate`.
        """
        if not reports:
            return []
        if self._waiting_reports + len(reports) > self._reports_max:
            raise Unavailable("Too many positions wait to be stored.", come_back())
        submission = Submission(reports, received_at, AsyncResult())
        self._waiting.append(submission)
        self._waiting_reports += len(reports)
        self._wake.set()
        try:
            outcomes = submission.done.get(timeout=self._patience_s)
        except gevent.Timeout:
            raise Unavailable("The database did not answer in time.", come_back()) from None
        return outcomes or []

    def run(self) -> None:
        """The greenlet: commits for ever."""
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._commit(self._take())

    def _take(self) -> list[Submission]:
        taken: list[Submission] = []
        rows = 0
        while self._waiting and (
            not taken or rows + len(self._waiting[0].reports) <= ROWS_PER_COMMIT_MAX
        ):
            submission = self._waiting.popleft()
            rows += len(submission.reports)
            taken.append(submission)
        self._waiting_reports -= rows
        return taken

    def _commit(self, submissions: list[Submission]) -> None:
        try:
            outcomes = self._store(submissions)
        except Unavailable as error:
            for submission in submissions:
                submission.done.set_exception(Unavailable(str(error), come_back()))
        except Exception as error:
            log.exception("writer.failed")
            for submission in submissions:
                submission.done.set_exception(error)
        else:
            for submission, result in zip(submissions, outcomes, strict=True):
                submission.done.set(result)

    def _store(self, submissions: list[Submission]) -> list[list[Outcome]]:
        """One statement for all; if it is refused, each report by itself."""
        received_at = submissions[-1].received_at
        first: dict[Key, PositionReport] = {}
        for submission in submissions:
            for report in submission.reports:
                first.setdefault(key_of(report), report)
        new, refused = self._record(sorted(first.values(), key=key_of), received_at)
        known = self._known(submissions, new, refused, first)
        claimed: set[Key] = set()
        results = []
        for submission in submissions:
            outcomes = []
            for report in submission.reports:
                key = key_of(report)
                if key in refused:
                    outcomes.append(Outcome(Fate.REFUSED, detail=refused[key]))
                elif key in new and key not in claimed:
                    claimed.add(key)
                    outcomes.append(Outcome(Fate.STORED))
                else:
                    same = known.get(key, first[key]) == report
                    outcomes.append(Outcome(Fate.DUPLICATE, is_identical=same))
            results.append(outcomes)
        return results

    def _record(
        self, reports: Sequence[PositionReport], received_at: datetime
    ) -> tuple[set[Key], dict[Key, str]]:
        """The keys that are new, and why others were refused; new ones are published."""
        try:
            batches = self._ledger.record(reports, received_at)
        except RowRefused as error:
            if len(reports) == 1:
                return set(), {key_of(reports[0]): str(error)}
            middle = len(reports) // 2
            left, left_refused = self._record(reports[:middle], received_at)
            right, right_refused = self._record(reports[middle:], received_at)
            return left | right, left_refused | right_refused
        new: set[Key] = set()
        for batch in batches:
            new |= batch.keys
            stored = [report for report in reports if key_of(report) in batch.keys]
            self._publish(batch, stored, received_at)
        return new, {}

    def _known(
        self,
        submissions: list[Submission],
        new: set[Key],
        refused: dict[Key, str],
        first: dict[Key, PositionReport],
    ) -> dict[Key, PositionReport]:
        """What is stored under the keys that were neither new nor refused."""
        old = [key for key in first if key not in new and key not in refused]
        found = self._ledger.known(old) if old else {}
        return {key: stored.report for key, stored in found.items()}


def come_back() -> int:
    """Seconds to wait, different for every sender so that they don't return together."""
    return random.randint(1, 5)  # noqa: S311 - jitter
