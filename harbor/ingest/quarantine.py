"""Puts rejected reports into quarantine before the answer: all that wait in one transaction.

One request at a time writes, for itself and for those that came meanwhile: a tracker that
sends a hundred bad reports a second keeps one connection busy, not the whole pool.
"""

from collections import Counter
from collections.abc import Sequence

import structlog

from harbor.errors import Unavailable
from harbor.ingest.turn import Turn
from harbor.store import quarantine
from harbor.store.database import Database
from harbor.store.quarantine import RAW_BYTES_MAX, Rejected

log = structlog.get_logger()

WAITING_BYTES_MAX = 16 * 1024 * 1024


class Group:
    """Reports that are written together, and how that went."""

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []
        self.is_settled = False
        self.error: Exception | None = None


class Quarantine:
    """One per worker; what was kept has been committed."""

    def __init__(self, database: Database, patience_s: float) -> None:
        self._database = database
        self._turn = Turn(patience_s)
        self._open = Group()
        self._waiting_bytes = 0

    def keep(self, rejected: Sequence[Rejected]) -> None:
        """Raises Unavailable when they can't be kept now; a repeat of them is kept once."""
        size = sum(min(len(one.raw), RAW_BYTES_MAX) for one in rejected)
        if self._waiting_bytes + size > WAITING_BYTES_MAX:
            raise Unavailable("Too many rejected reports at once; nothing was stored.")
        group = self._open
        group.rejected += rejected
        self._waiting_bytes += size
        try:
            self._turn.run(lambda: self._settle(group))
        except Unavailable as error:
            self._close(group)
            group.error = group.error or Unavailable(str(error))
        if isinstance(group.error, Unavailable):
            raise Unavailable(str(group.error))
        if group.error is not None:
            raise group.error
        _tell(rejected)

    def _close(self, group: Group) -> None:
        """What comes from now on is another group's."""
        if group is self._open:
            self._open, self._waiting_bytes = Group(), 0

    def _settle(self, group: Group) -> None:
        """Write it, unless that was done, or given up, while this request waited."""
        if group.is_settled or group.error is not None:
            return
        self._close(group)
        try:
            with self._database.session() as session:
                quarantine.keep(session, group.rejected)
        except Exception as error:
            group.error = error
            raise
        group.is_settled = True


def _tell(rejected: Sequence[Rejected]) -> None:
    counts = Counter((str(one.tracker_id), one.reason) for one in rejected)
    for (tracker, reason), reports in counts.items():
        log.info("report.quarantined", tracker=tracker, reason=reason, reports=reports)
