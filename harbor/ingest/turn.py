"""One at a time to PostgreSQL, and nobody waits longer than the promise to a tracker.

Each of those who wait would find out for itself that PostgreSQL is away, one time-out after
the other; and one look may take two of them, for a connection that hangs and for a new one.
A query that takes longer than the time-out looks just the same, so none here may be slow.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import gevent
from gevent.lock import BoundedSemaphore

from harbor.errors import Unavailable

T = TypeVar("T")

WORK_S = 0.5
"""So much of the patience is left for the work; who waited longer would not hear of it."""


class Turn:
    """A queue for one connection."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._waiting_s = patience_s - min(WORK_S, patience_s / 5)
        self._free = BoundedSemaphore()
        self._failures = 0

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, when its turn comes.

        Raises Unavailable when the patience is over, or the one before met no database. What
        has begun goes on by itself then: a query must not be killed.
        """
        task = Task(self, work, self._failures)
        gevent.spawn(task.run).join(self._patience_s)
        return task.result()

    def do(self, task: "Task[T]") -> T:
        """In the task's own greenlet."""
        if not self._free.acquire(timeout=self._waiting_s):
            raise Unavailable("Too many reports to look at; nothing was stored.")
        try:
            if self._failures != task.failures_before:
                raise Unavailable("The database is away; nothing was stored.")
            try:
                return task.work()
            except Unavailable:
                self._failures += 1
                raise
        finally:
            self._free.release()


class Task(Generic[T]):
    """A piece of work and what came of it."""

    def __init__(self, turn: Turn, work: Callable[[], T], failures_before: int) -> None:
        self.work = work
        self.failures_before = failures_before
        self._turn = turn
        self._results: list[T] = []
        self._error: Exception = Unavailable("The database did not answer in time.")

    def run(self) -> None:
        try:
            self._results.append(self._turn.do(self))
        except Exception as error:  # noqa: BLE001 - raised by `result`, in who asked
            self._error = error

    def result(self) -> T:
        if not self._results:
            raise self._error
        return self._results[0]
