"""What the gateway says of itself: one line on a terminal, else one line of JSON a minute."""

import time
from collections.abc import Mapping
from typing import Protocol

import structlog
from rich.console import Console
from rich.live import Live
from rich.text import Text

from harbor.gateway.buffer import Waiting
from harbor.gateway.standing import Link, Standing

log = structlog.get_logger(__name__)
LOG_EVERY_S = 60.0
MARKS = {
    Link.WAITING: ("○", ""),
    Link.UP: ("●", "green"),
    Link.DOWN: ("✗", "yellow"),
    Link.BUSY: ("✗", "yellow"),
    Link.REFUSED: ("✗", "bold red"),
    Link.ASTRAY: ("✗", "bold red"),
}
VERDICTS = ("accepted", "duplicates", "quarantined", "rejected", "ignored")
LOSSES = {"no_room": "no room for", "corrupt": "damaged", "too_large": "refused"}
"""Shown only when there are any."""


class Display(Protocol):
    """Told every second how things stand, and once more at the end."""

    def show(self, standing: Standing, waiting: Waiting) -> None: ...

    def close(self, standing: Standing, waiting: Waiting) -> None: ...


class Terminal:
    """One line that is written anew; the last one stays."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._live.start()

    def show(self, standing: Standing, waiting: Waiting) -> None:
        self._live.update(line(standing, waiting, time.time()), refresh=True)

    def close(self, standing: Standing, waiting: Waiting) -> None:
        self.show(standing, waiting)
        self._live.stop()


class Log:
    """For systemd and the like, through the project's logs."""

    def __init__(self, every_s: float = LOG_EVERY_S) -> None:
        self._every_s = every_s
        self._next_at = 0.0

    def show(self, standing: Standing, waiting: Waiting) -> None:
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + self._every_s
            log.info("gateway.standing", **fields(standing, waiting, time.time()))

    def close(self, standing: Standing, waiting: Waiting) -> None:
        log.info("gateway.stopped", **fields(standing, waiting, time.time()))


def line(standing: Standing, waiting: Waiting, now: float) -> Text:
    """All that matters, the most important first: a narrow terminal cuts its end."""
    mark, style = MARKS[standing.link]
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{mark} {standing.link.value}", style)
    if standing.detail:
        text.append(f" ({standing.detail})", style)
    parts = [
        backlog(waiting, now),
        f"read {standing.counts.get('read', 0):,} ({standing.lines_per_s:.0f}/s)",
        f"sent {standing.counts.get('sent', 0):,} ({standing.sent_per_s:.0f}/s)",
        *losses(standing.counts),
        *verdicts(standing.counts),
        standing.source,
    ]
    text.append(" · " + " · ".join(parts))
    return text


def fields(standing: Standing, waiting: Waiting, now: float) -> dict[str, object]:
    """The same for a log, each by its own name."""
    age_s = None if waiting.oldest_ms is None else round(max(0, now - waiting.oldest_ms / 1000))
    return {
        "source": standing.source,
        "link": standing.link.value,
        "detail": standing.detail,
        "waiting_lines": waiting.lines,
        "waiting_bytes": waiting.bytes,
        "waiting_s": age_s,
        "last_sent_s": None if standing.last_sent_s is None else round(standing.last_sent_s),
        "read_per_s": round(standing.lines_per_s, 1),
        "sent_per_s": round(standing.sent_per_s, 1),
        "lines": {name: count for name, count in standing.counts.items() if count},
    }


def backlog(waiting: Waiting, now: float) -> str:
    if not waiting.lines or waiting.oldest_ms is None:
        return "nothing waits"
    age_s = max(0.0, now - waiting.oldest_ms / 1000)
    return f"{waiting.lines:,} wait ({size(waiting.bytes)}, since {age(age_s)})"


def losses(counts: Mapping[str, int]) -> list[str]:
    return [f"{words} {counts[name]:,}" for name, words in LOSSES.items() if counts.get(name)]


def verdicts(counts: Mapping[str, int]) -> list[str]:
    found = [f"{name} {counts[name]:,}" for name in VERDICTS if counts.get(name)]
    return [", ".join(found)] if found else []


def size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def age(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
