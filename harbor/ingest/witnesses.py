"""What PostgreSQL knows around doubtful reports, asked by one request of a worker at a time.

A mad tracker makes every report doubtful: it may keep one connection of the pool busy, not
all of them. Those who wait are answered by one query.
"""

from collections.abc import Sequence

from harbor.fleet.report import PositionReport
from harbor.fleet.verdict import Neighbours
from harbor.ingest.turn import Turn
from harbor.store import neighbours, positions, quarantine
from harbor.store.database import Database
from harbor.store.positions import Key, StoredPosition

KEYS_MAX = 1000
"""So many keys are looked at together, or those of one longer message."""


class Look:
    """Keys that are looked at together, and what was found around them."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.found: list[Neighbours] = []
        self.error: Exception | None = None


class PostgresWitnesses:
    """Raises Unavailable when the database is away, or too many ask."""

    def __init__(self, database: Database, patience_s: float) -> None:
        self._database = database
        self._turn = Turn(patience_s)
        self._open = Look()

    def around(self, reports: Sequence[PositionReport]) -> list[Neighbours]:
        keys = [positions.key_of(report) for report in reports]
        look = self._open_for(len(keys))
        begin = len(look.keys)
        look.keys += keys
        try:
            found = self._turn.run(lambda: self._settle(look))
        finally:
            self._close(look)
        return found[begin : begin + len(keys)]

    def stored(self, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
        return self._turn.run(lambda: self._stored(keys))

    def _open_for(self, count: int) -> Look:
        if len(self._open.keys) + count > KEYS_MAX:
            self._open = Look()
        return self._open

    def _close(self, look: Look) -> None:
        """What comes from now on is looked at by itself: not with who has gone."""
        if look is self._open:
            self._open = Look()

    def _settle(self, look: Look) -> list[Neighbours]:
        """Look, unless that was done while this request waited."""
        if look.error is not None:
            raise look.error
        if not look.found:
            self._close(look)
            try:
                look.found = self._around(look.keys)
            except Exception as error:
                look.error = error
                raise
        return look.found

    def _around(self, keys: Sequence[Key]) -> list[Neighbours]:
        with self._database.session() as session:
            found = neighbours.around(session, keys)
            is_end = any(before is None or after is None for before, after in found)
            suspects = quarantine.suspects(session, keys) if is_end else {}
        return [
            Neighbours(before, after, suspects.get((key[3], key[1])))
            for key, (before, after) in zip(keys, found, strict=True)
        ]

    def _stored(self, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
        with self._database.session() as session:
            return positions.by_keys(session, keys)
