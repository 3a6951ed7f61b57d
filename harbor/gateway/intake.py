"""From a source into the buffer: every line is kept, or counted by why it was not."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Event

import structlog

from harbor.gateway.buffer import ROW_BYTES, Buffer, Mark
from harbor.gateway.entry import Entry
from harbor.gateway.lines import LINE_LENGTH_MAX, entry_of
from harbor.gateway.standing import Progress

log = structlog.get_logger(__name__)
ROOM_EVERY_S = 0.5


class Intake:
    """What a source hands its lines to; they are on disk when `take` returns."""

    def __init__(
        self, buffer: Buffer, progress: Progress, clock: Callable[[], float] = time.time
    ) -> None:
        self._buffer = buffer
        self._progress = progress
        self._clock = clock

    @property
    def now_ms(self) -> int:
        return int(self._clock() * 1000)

    def mark(self, name: str) -> str | None:
        """How far a source was read before."""
        return self._buffer.mark(name)

    def say(self, words: str) -> None:
        """What the source is doing, for people."""
        self._progress.say_source(words)

    def take(
        self, lines: Iterable[bytes], mark: Mark | None = None, stop: Event | None = None
    ) -> None:
        """With `stop`, for sources that can wait: until there is room.

        When it is set before, nothing is kept, the mark neither.
        """
        wanted = [line for line in lines if line.strip()]
        found = self._read(wanted)
        if stop is not None and not self._buffer.has_room(size := _size(found)):
            if not self._waits_for(size, stop):
                return
            found = self._read(wanted)  # received now, not when it had to wait
        self.keep(found, mark, stop)

    def keep(
        self, found: list[Entry | str], mark: Mark | None = None, stop: Event | None = None
    ) -> None:
        """Entries, and words for lines that are none. The newest find no room when full."""
        entries = [one for one in found if isinstance(one, Entry)]
        kept = self._add(entries, mark)
        while kept is None and stop is not None and not stop.wait(ROOM_EVERY_S):
            kept = self._add(entries, mark)
        kept = kept or 0
        words = Counter(one for one in found if isinstance(one, str))
        words.update(read=len(found), kept=kept, no_room=len(entries) - kept)
        self._progress.count(**words)

    def _waits_for(self, size: int, stop: Event) -> bool:
        """Whether there is room now; no when told to stop first."""
        while not self._buffer.has_room(size):
            if stop.wait(ROOM_EVERY_S):
                return False
        return True

    def _read(self, lines: list[bytes]) -> list[Entry | str]:
        now_ms = self.now_ms
        return [entry_of(line, now_ms) for line in lines]

    def _add(self, entries: list[Entry], mark: Mark | None) -> int | None:
        """How many; None when the disk is full, or gone."""
        try:
            return self._buffer.add(entries, mark)
        except sqlite3.OperationalError as error:
            log.warning("gateway.buffer_failed", error=str(error), lines=len(entries))
            return None


def _size(found: list[Entry | str]) -> int:
    """In the buffer, where the shortest sentences take ten times what they are on the wire."""
    return sum(len(one.body) + ROW_BYTES for one in found if isinstance(one, Entry))


class Lines:
    """Cuts what is read in pieces into lines; one without an end is not waited for."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LINE_LENGTH_MAX:
            self._rest = b""
        return lines

    @property
    def rest(self) -> bytes:
        """What was read and is no whole line yet."""
        return self._rest
