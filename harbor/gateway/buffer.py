"""What waits for the link, on disk: bounded, and the oldest is kept when it is full.

SQLite with a write-ahead log. `synchronous=NORMAL`: a commit survives the death of the
process, and costs no fsync, which on the memory card of a small box takes 20 ms and wears it
out. A power cut may cost what came since the last `sync`, a few seconds; never the file.
"""

import fcntl
import sqlite3
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO, NamedTuple

from harbor.errors import Misconfigured
from harbor.gateway.batch import LOOK_AHEAD, Batch, Size, choose
from harbor.gateway.entry import Entry, Kind, Part, Row

ROW_BYTES = 64
"""What SQLite needs for a line besides its bytes, about."""
WINDOW = 4000
"""How far from the oldest line others of its kind are looked for."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS line (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, received_ms INTEGER NOT NULL, body BLOB NOT NULL,
  part_key TEXT, part_number INTEGER, part_total INTEGER, batch INTEGER);
CREATE INDEX IF NOT EXISTS line_batch ON line (batch) WHERE batch IS NOT NULL;
CREATE INDEX IF NOT EXISTS line_kind ON line (kind, id);
CREATE TABLE IF NOT EXISTS batch (
  id INTEGER PRIMARY KEY, message_id TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a source was read; kept in the same commit as the lines up to there."""

    name: str
    value: str


class First(NamedTuple):
    """The oldest line of a kind."""

    id: int
    received_ms: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is in the buffer; `oldest_ms` is when the first of it was received."""

    lines: int
    bytes: int
    oldest_ms: int | None


class Buffer:
    """For several threads; of one process at a time, and of one tracker for ever."""

    def __init__(self, path: Path, tracker: str, bytes_max: int) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._lock = Lock()
        with ExitStack() as opened:
            opened.enter_context(_locked(path))
            try:
                self._database = opened.enter_context(closing(_connected(path)))
                _prepare(self._database)
                self._require(tracker)
                query = "SELECT count(*), coalesce(sum(length(body)), 0) FROM line"
                self._lines, self._bytes = self._database.execute(query).fetchone()
            except sqlite3.DatabaseError as error:
                raise Misconfigured(
                    f"The buffer {path} can't be used ({error}); move it away for a new one."
                ) from error
            self._opened = opened.pop_all()

    def has_room(self, size: int) -> bool:
        return self._used + size <= self._bytes_max

    @property
    def waiting(self) -> Waiting:
        with self._lock:
            query = "SELECT received_ms FROM line ORDER BY id LIMIT 1"
            oldest = self._database.execute(query).fetchone()
            return Waiting(self._lines, self._bytes, oldest[0] if oldest else None)

    def add(self, entries: Sequence[Entry], mark: Mark | None = None) -> int:
        """Keep them in one commit; how many, from the first on, there was room for."""
        kept = list(self._that_fit(entries))
        if not kept and mark is None:
            return 0
        with self._transaction() as database:
            database.executemany(
                "INSERT INTO line (kind, received_ms, body, part_key, part_number, part_total)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                map(_columns, kept),
            )
            if mark is not None:
                database.execute(
                    "INSERT INTO mark VALUES (?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (mark.name, mark.value),
                )
        self._count(len(kept), sum(len(one.body) for one in kept))
        return len(kept)

    def mark(self, name: str) -> str | None:
        with self._lock:
            query = "SELECT value FROM mark WHERE name = ?"
            found = self._database.execute(query, (name,)).fetchone()
            return str(found[0]) if found else None

    def oldest_ms(self, kinds: Collection[Kind]) -> int | None:
        """When the first line of these kinds was received."""
        with self._lock:
            first = _first(self._database, kinds)
            return None if first is None else first.received_ms

    def next_batch(
        self, size: Size, now_ms: int, kinds: Collection[Kind] = tuple(Kind)
    ) -> Batch | None:
        """The one that was sent last and not acknowledged, else a new one of the oldest.

        Only of these kinds; what waits of others keeps its place.
        """
        with self._transaction() as database:
            query = "SELECT id, message_id, kind FROM batch ORDER BY id"
            begun = [one for one in database.execute(query) if one[2] in kinds]
            chosen = begun[0] if begun else self._begin(database, size, now_ms, kinds)
            if chosen is None:
                return None
            query = "SELECT body FROM line WHERE batch = ? ORDER BY id"
            bodies = database.execute(query, (chosen[0],)).fetchall()
            return Batch(chosen[0], chosen[1], Kind(chosen[2]), tuple(row[0] for row in bodies))

    def remove(self, batch: Batch) -> None:
        """It was acknowledged, or will never be."""
        with self._transaction() as database:
            database.execute("DELETE FROM line WHERE batch = ?", (batch.id,))
            database.execute("DELETE FROM batch WHERE id = ?", (batch.id,))
        self._count(-len(batch.bodies), -sum(map(len, batch.bodies)))

    def release(self, batch: Batch) -> None:
        """It is too large: its lines wait to be chosen anew."""
        with self._transaction() as database:
            database.execute("UPDATE line SET batch = NULL WHERE batch = ?", (batch.id,))
            database.execute("DELETE FROM batch WHERE id = ?", (batch.id,))

    def sync(self) -> None:
        """Let what was committed survive a power cut too."""
        with self._lock:
            self._database.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        with self._lock:
            self._opened.close()

    @property
    def _used(self) -> int:
        used: int = self._bytes + self._lines * ROW_BYTES
        return used

    def _that_fit(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        used = self._used
        for one in entries:
            used += len(one.body) + ROW_BYTES
            if used > self._bytes_max:
                return
            yield one

    def _require(self, tracker: str) -> None:
        self._database.execute("INSERT OR IGNORE INTO mark VALUES ('tracker', ?)", (tracker,))
        query = "SELECT value FROM mark WHERE name = 'tracker'"
        [owner] = self._database.execute(query).fetchone()
        if owner != tracker:
            raise Misconfigured(
                f"The buffer {self._path} holds the lines of tracker {owner}: take another."
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.OperationalError):  # SQLite may have done so itself
                    self._database.execute("ROLLBACK")
                raise

    def _count(self, lines: int, size: int) -> None:
        with self._lock:
            self._lines += lines
            self._bytes += size

    def _begin(
        self, database: sqlite3.Connection, size: Size, now_ms: int, kinds: Collection[Kind]
    ) -> tuple[int, str, str] | None:
        """Choose lines of one kind, and write down that they belong together."""
        first = _first(database, kinds)
        if first is None:
            return None
        kind = first.kind
        chosen = choose(_rows(database, first.id, kind, size.lines), size, now_ms)
        if not chosen:
            return None
        message_id = f"msg_{uuid.uuid4().hex}"
        query = "INSERT INTO batch (message_id, kind) VALUES (?, ?)"
        batch_id = database.execute(query, (message_id, kind)).lastrowid
        assert batch_id is not None
        pairs = ((batch_id, row.id) for row in chosen)
        database.executemany("UPDATE line SET batch = ? WHERE id = ?", pairs)
        return batch_id, message_id, kind


def _first(database: sqlite3.Connection, kinds: Collection[Kind]) -> First | None:
    query = "SELECT id, received_ms FROM line WHERE kind = ? ORDER BY id LIMIT 1"
    found = [
        First(line_id, received_ms, kind)
        for kind in kinds
        for line_id, received_ms in database.execute(query, (kind.value,))
    ]
    return min(found, default=None)


def _rows(database: sqlite3.Connection, first: int, kind: str, lines: int) -> list[Row]:
    """The oldest lines of a kind, with more than fit a batch if there are more."""
    found = database.execute(
        "SELECT id, received_ms, body, part_key, part_number, part_total FROM line"
        " WHERE id BETWEEN ? AND ? AND kind = ? ORDER BY id LIMIT ?",
        (first, first + WINDOW, kind, lines + LOOK_AHEAD),
    )
    return [
        Row(row_id, received_ms, body, Part(key, number, total) if key else None)
        for row_id, received_ms, body, key, number, total in found
    ]


def _columns(one: Entry) -> tuple[str, int, bytes, str | None, int | None, int | None]:
    part = one.part
    named = (part.key, part.number, part.total) if part else (None, None, None)
    return one.kind.value, one.received_ms, one.body, *named


def _locked(path: Path) -> IO[bytes]:
    """A file beside the buffer that one process holds; the kernel lets go when it dies."""
    with ExitStack() as opened:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = opened.enter_context(path.with_name(path.name + ".lock").open("ab"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(f"Another gateway uses the buffer {path}.") from None
        except OSError as error:
            raise Misconfigured(f"The buffer {path} can't be opened: {error}.") from error
        opened.pop_all()
        return file


def _connected(path: Path) -> sqlite3.Connection:
    path.touch(0o600)
    return sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)


def _prepare(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.executescript(SCHEMA)
