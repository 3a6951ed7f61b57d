"""One at a time to PostgreSQL; when it is away, those who wait are told so at once.

Each of them would find out for itself, one time-out after the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from gevent.lock import BoundedSemaphore

from harbor.errors import Unavailable


class Turn:
    """A queue for one connection."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._free = BoundedSemaphore()
        self._failures = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises Unavailable: the one before met no database, or too many are before us."""
        failures = self._failures
        if not self._free.acquire(timeout=self._patience_s):
            raise Unavailable("Too many reports to look at; nothing was stored.")
        try:
            if self._failures != failures:
                raise Unavailable("The database is away; nothing was stored.")
            yield
        finally:
            self._free.release()

    def failed(self) -> None:
        """Who has the turn says that the database is away."""
        self._failures += 1
