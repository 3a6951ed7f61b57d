"""How the gateway is doing: counters that its threads share, and what they come to."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class Link(StrEnum):
    """What came of the last attempt to send."""

    WAITING = "nothing sent yet"
    UP = "up"
    DOWN = "no link"
    BUSY = "server busy"
    REFUSED = "refused"
    ASTRAY = "not a Harbor server"


@dataclass(frozen=True, slots=True)
class Standing:
    """One look at it. `counts` are lines by what became of them, since the start."""

    source: str
    link: Link
    detail: str
    counts: Mapping[str, int]
    lines_per_s: float
    sent_per_s: float
    last_sent_s: float | None


class Progress:
    """Written to by the threads; `look` gives the rates since the look before."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._source = "starting"
        self._link = Link.WAITING
        self._detail = ""
        self._sent_at: float | None = None
        self._looked: tuple[float, Counter[str]] = (time.monotonic(), Counter())

    def count(self, **lines: int) -> None:
        """`read` and what became of them: kept, other, corrupt, no_room, sent, too_large."""
        with self._lock:
            self._counts.update(lines)

    def say_source(self, words: str) -> None:
        with self._lock:
            self._source = words

    def say_link(self, link: Link, detail: str = "") -> bool:
        """Whether that is news."""
        with self._lock:
            is_news = (link, detail) != (self._link, self._detail)
            self._link, self._detail = link, detail
            if link is Link.UP:
                self._sent_at = time.monotonic()
            return is_news

    def look(self) -> Standing:
        with self._lock:
            now, (then, before) = time.monotonic(), self._looked
            counts = self._counts.copy()
            passed_s = max(now - then, 0.001)
            self._looked = (now, counts)
            return Standing(
                self._source,
                self._link,
                self._detail,
                counts,
                (counts["read"] - before["read"]) / passed_s,
                (counts["sent"] - before["sent"]) / passed_s,
                None if self._sent_at is None else now - self._sent_at,
            )
