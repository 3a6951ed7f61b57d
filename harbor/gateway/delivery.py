"""From the buffer to the server: a batch is removed when it was acknowledged, not before."""

import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from threading import Event
from typing import Protocol

import structlog

from harbor.gateway.batch import Batch, Size
from harbor.gateway.buffer import Buffer
from harbor.gateway.door import Answer
from harbor.gateway.entry import Kind
from harbor.gateway.standing import Link, Progress

log = structlog.get_logger(__name__)
IDLE_S = 0.2
BACKOFF_S_MIN, BACKOFF_S_MAX = 1.0, 60.0
SLOW_S = 60.0
"""Between attempts while somebody must change something first."""
SKEW_S_MAX = 240.0
"""A signature is good for 300 s around the server's time."""
TOO_LARGE = (400, 413, 422)
LATER = (408, 425, 429)


class Outcome(Enum):
    """What is to be done with a batch after an answer."""

    KEPT = auto()
    HALVE = auto()
    REFUSED = auto()
    FORBIDDEN = auto()
    LATER = auto()
    ASTRAY = auto()


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A kind that this tracker may not send, until somebody allows it."""

    again_at: float
    words: str


class Post(Protocol):
    """Where batches go. Raises OSError when nobody answers."""

    def post(self, batch: Batch) -> Answer: ...


class Delivery:
    """Sends the oldest lines first, one batch at a time, and waits as it is told to."""

    def __init__(
        self,
        buffer: Buffer,
        door: Post,
        progress: Progress,
        every_s: float,
        size: Size | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._buffer = buffer
        self._door = door
        self._progress = progress
        self._every_s = every_s
        self._size = self._size_max = size or Size()
        self._clock = clock
        self._failures = 0
        self._wait_s = 0.0
        self._up: str | None = None
        """What was last said of a link that is up; None while it isn't."""
        self._forbidden: dict[Kind, Forbidden] = {}

    def run(self, stop: Event) -> None:
        """Until `stop` is set."""
        while not stop.is_set():
            stop.wait(self.step())

    def flush(self, seconds: float) -> None:
        """Send what is left, as long as that works and takes no longer."""
        until = time.monotonic() + seconds
        while self._buffer.waiting.lines and time.monotonic() < until:
            if self._attempt() not in (Outcome.KEPT, Outcome.HALVE, Outcome.FORBIDDEN):
                return

    def step(self) -> float:
        """Send one batch if one is due; seconds until it makes sense to look again."""
        if not self._is_due():
            return IDLE_S
        outcome = self._attempt()
        return IDLE_S if outcome is None else self._wait_s

    def _is_due(self) -> bool:
        """Natural batching: what came while the last one was under way leaves together."""
        kinds = self._kinds()
        oldest_ms = self._buffer.oldest_ms(kinds)
        if oldest_ms is None:
            return False
        age_s = self._clock() - oldest_ms / 1000
        # A negative age: the clock was set back, and nobody knows how long it waited.
        if not 0 <= age_s < self._every_s:
            return True
        return len(kinds) == len(Kind) and self._buffer.waiting.lines >= self._size.lines

    def _kinds(self) -> list[Kind]:
        now = time.monotonic()
        return [
            kind
            for kind in Kind
            if kind not in self._forbidden or self._forbidden[kind].again_at <= now
        ]

    def _attempt(self) -> Outcome | None:
        """None: all that waits are parts of messages that are not whole yet."""
        self._wait_s = 0.0
        try:
            now_ms = int(self._clock() * 1000)
            batch = self._buffer.next_batch(self._size, now_ms, self._kinds())
            return None if batch is None else self._send(batch)
        except sqlite3.OperationalError as error:  # the disk is full, or gone
            self._later(Link.DOWN, f"the buffer can't be written: {error}", None)
            return Outcome.LATER

    def _send(self, batch: Batch) -> Outcome:
        try:
            answer = self._door.post(batch)
        except OSError as error:
            self._later(Link.DOWN, reason(error), None)
            return Outcome.LATER
        outcome = outcome_of(answer)
        self._act(outcome, batch, answer)
        return outcome

    def _act(self, outcome: Outcome, batch: Batch, answer: Answer) -> None:
        match outcome:
            case Outcome.KEPT:
                self._acknowledged(batch, answer)
            case Outcome.HALVE:
                self._halve(batch, answer)
            case Outcome.LATER:
                self._later(Link.BUSY, said(answer), answer.retry_after_s)
            case Outcome.REFUSED:
                self._later(Link.REFUSED, advice(answer), SLOW_S)
            case Outcome.FORBIDDEN:
                self._forbid(batch.kind, advice(answer))
            case Outcome.ASTRAY:
                self._later(Link.ASTRAY, said(answer), SLOW_S)

    def _acknowledged(self, batch: Batch, answer: Answer) -> None:
        self._buffer.remove(batch)
        self._failures = 0
        lines = min(2 * self._size.lines, self._size_max.lines)
        self._size = replace(self._size_max, lines=lines)
        self._progress.count(sent=len(batch.bodies), **(answer.counts or {}))
        self._forbidden.pop(batch.kind, None)
        refusals = (one.words for one in self._forbidden.values())
        detail = "; ".join(filter(None, [clock_warning(answer), *refusals]))
        self._progress.say_link(Link.UP, detail)
        if detail != self._up:
            self._up = detail
            log.info("gateway.link_up", detail=detail)

    def _halve(self, batch: Batch, answer: Answer) -> None:
        """Too large, or one line in it that is refused with all others: find out which."""
        if len(batch.bodies) > 1:
            self._buffer.release(batch)
            self._size = replace(self._size, lines=max(1, len(batch.bodies) // 2))
            return
        self._buffer.remove(batch)
        self._progress.count(too_large=1)
        log.warning("gateway.line_refused", status=answer.status, detail=answer.detail)

    def _forbid(self, kind: Kind, detail: str) -> None:
        """It may send another kind, perhaps: what waits of this one is tried seldom."""
        words = f"{kind} refused: {detail}"
        if kind not in self._forbidden:
            log.warning("gateway.kind_refused", kind=kind.value, detail=detail)
        self._forbidden[kind] = Forbidden(time.monotonic() + SLOW_S, words)
        self._progress.say_link(Link.REFUSED, words)

    def _later(self, link: Link, detail: str, asked_s: float | None) -> None:
        self._failures += 1
        self._up = None
        self._wait_s = wait_s(self._failures, asked_s, random.random())  # noqa: S311 - jitter
        if self._progress.say_link(link, detail):
            log.warning("gateway.link_lost", link=link.value, detail=detail)


def outcome_of(answer: Answer) -> Outcome:
    """What to do: a page that says 200 is a harbour's log-in page, not an acknowledgement."""
    if answer.counts is not None:
        return Outcome.KEPT
    if answer.status in TOO_LARGE:
        return Outcome.HALVE
    if answer.status == 401:
        return Outcome.REFUSED
    if answer.status == 403:
        return Outcome.FORBIDDEN
    if answer.status in LATER or answer.status >= 500:
        return Outcome.LATER
    return Outcome.ASTRAY


def wait_s(failures: int, asked_s: float | None, share: float) -> float:
    """Longer from failure to failure, or as long as was asked for; `share` 0 to 1 is chance."""
    if asked_s is not None:
        return asked_s * (1 + share / 4)
    longest = min(BACKOFF_S_MIN * 2.0 ** min(failures - 1, 10), BACKOFF_S_MAX)
    return longest * (0.5 + share / 2)


def said(answer: Answer) -> str:
    return f"{answer.status} {answer.detail}".strip()


def advice(answer: Answer) -> str:
    """For who must act; a wrong clock looks like a wrong secret to the server."""
    warning = clock_warning(answer)
    if warning:
        return f"{answer.status}: {warning}"
    if answer.status == 401:
        return "401: the server knows no such tracker, or not with this secret"
    return f"403: {answer.detail or 'this tracker may not report here'}"


def clock_warning(answer: Answer) -> str:
    if answer.skew_s is None or abs(answer.skew_s) < SKEW_S_MAX:
        return ""
    way = "ahead" if answer.skew_s > 0 else "behind"
    return f"the clock here is {abs(answer.skew_s) / 60:.0f} min {way}: set it"


def reason(error: OSError) -> str:
    return str(error.strerror or error or type(error).__name__)[:120]
