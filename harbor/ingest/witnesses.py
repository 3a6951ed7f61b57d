"""What PostgreSQL knows around doubtful reports, asked by one request of a worker at a time.

A mad tracker makes every report doubtful: it may keep one connection of the pool busy, not
all of them.
"""

from collections.abc import Sequence

from harbor.fleet.report import PositionReport
from harbor.fleet.verdict import Neighbours
from harbor.ingest.turn import Turn
from harbor.store import neighbours, positions, quarantine
from harbor.store.database import Database
from harbor.store.positions import Key, StoredPosition


class PostgresWitnesses:
    """Raises Unavailable when the database is away, or too many ask."""

    def __init__(self, database: Database, patience_s: float) -> None:
        self._database = database
        self._turn = Turn(patience_s)

    def around(self, reports: Sequence[PositionReport]) -> list[Neighbours]:
        keys = [positions.key_of(report) for report in reports]
        return self._turn.run(lambda: self._around(keys))

    def stored(self, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
        return self._turn.run(lambda: self._stored(keys))

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
