"""The feed in Valkey: numbers events, keeps the newest per vessel and a bounded history.

Everything of one fleet carries the hash tag `{<fleet>}`. The Lua scripts, and nothing
else, number events: a contiguous integer within an epoch. A new epoch begins when the
server was emptied, restarted or replaced, so that no number is ever used twice.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import gevent
import structlog

from harbor.live import scripts
from harbor.live.client import Valkey
from harbor.live.event import Event, Placed, decode_event, decode_placed

log = structlog.get_logger()

BATCH_MARK_SECONDS = 3600
"""A batch is published again only soon after: by a sweeper, or by a publisher that lags."""
GONE_MARK_SECONDS = 60
REPLAY_EVENTS_MAX = 10_000
PAGE_EVENTS = 500
"""So many are read at once: neither Valkey nor the other greenlets wait long for it."""
PAGES_MAX = REPLAY_EVENTS_MAX // PAGE_EVENTS + 5
"""Some more, because the feed goes on meanwhile."""


class How(StrEnum):
    """What the script does with an event besides numbering it."""

    POSITION = "position"
    VESSEL = "vessel"
    GONE = "gone"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Change:
    """One event to publish."""

    how: How
    placed: Placed


@dataclass(frozen=True, slots=True)
class Head:
    """Where the feed is, and whether the newest-per-vessel hash is whole."""

    epoch: bytes
    number: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest position of each vessel and the number of the last event they include."""

    epoch: bytes
    number: int
    is_whole: bool
    positions: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Events behind a number; none, and not `is_complete`, when some are no longer kept."""

    epoch: bytes
    number: int
    events: tuple[Event, ...]
    is_complete: bool


class Feed:
    """One fleet's feed; every method raises Unavailable when Valkey is away."""

    def __init__(
        self,
        valkey: Valkey,
        fleet_id: UUID,
        history_events_max: int,
        history_age_s: float = 0,
    ) -> None:
        self._valkey = valkey
        self._history_events_max = history_events_max
        self._history_age_ms = int(history_age_s * 1000)
        tag = f"harbor:{{{fleet_id}}}"
        self.channel = f"{tag}:feed"
        self._keys = [f"{tag}:state", f"{tag}:newest", f"{tag}:history"]
        self._writing_keys = [*self._keys, f"{tag}:speakers"]
        self._mark = f"{tag}:batch:"

    def publish(self, batch_id: UUID, changes: Sequence[Change]) -> None:
        """Number, remember and announce these events; the same batch again does nothing."""
        args: list[object] = [
            self.channel,
            new_epoch(),
            BATCH_MARK_SECONDS,
            self._history_events_max,
            self._history_age_ms,
        ]
        for change in changes:
            placed = change.placed
            args += (change.how.value, placed.vessel_id, placed.encode())
            args.append(placed.encode_standing())
        self._valkey.run(
            scripts.PUBLISH, [*self._writing_keys, f"{self._mark}{batch_id}"], args
        )

    def forget_marks(self, batch_ids: Sequence[UUID]) -> None:
        """Batches whose outbox rows are gone need their marks only a little longer.

        Not dropped at once: rows that were removed without waiting for the disk come back
        when PostgreSQL crashes.
        """
        marks = [f"{self._mark}{batch_id}" for batch_id in batch_ids]
        self._valkey.run(scripts.EXPIRE, marks, [GONE_MARK_SECONDS])

    def head(self) -> Head:
        epoch, number, whole_for = self._valkey.run(scripts.HEAD, self._keys, [new_epoch()])
        return Head(epoch, number, whole_for == epoch)

    def newest(self) -> Newest:
        epoch, number, flat = self._valkey.run(scripts.READ, self._keys, [new_epoch()])
        values = dict(zip(flat[::2], flat[1::2], strict=True))
        whole_for = values.pop(b"", None)
        return Newest(
            epoch,
            number,
            whole_for == epoch,
            tuple(decode_placed(vessel, value) for vessel, value in values.items()),
        )

    def restore(self, epoch: bytes, positions: Sequence[Placed]) -> None:
        """Fill the newest-per-vessel hash, never backward, and call it whole."""
        args: list[object] = [epoch, new_epoch()]
        for placed in positions:
            args += (placed.vessel_id, placed.encode(), placed.encode_standing())
        self._valkey.run(scripts.RESTORE, self._writing_keys, args)

    def since(self, epoch: bytes, number: int) -> Span:
        """Events behind `number`, up to where the feed is; at most REPLAY_EVENTS_MAX."""
        page = self._page(number)
        events = page.events
        for _ in range(PAGES_MAX):
            behind = page.number - number
            if page.epoch != epoch or not 0 <= behind <= REPLAY_EVENTS_MAX:
                break
            if len(events) == behind:
                return Span(epoch, page.number, tuple(events), is_complete=True)
            if not page.events:
                break
            gevent.sleep(0)
            page = self._page(number + len(events))
            events += page.events
        return Span(page.epoch, page.number, (), is_complete=False)

    def _page(self, after: int) -> "Page":
        epoch, number, message = self._valkey.run(
            scripts.PAGE, self._keys, [new_epoch(), after, PAGE_EVENTS, self._history_age_ms]
        )
        try:
            _, events = decode_message(message)
        except ValueError as error:
            log.warning("feed.unreadable", channel=self.channel, error=str(error))
            events = []
        return Page(epoch, number, events)


@dataclass(frozen=True, slots=True)
class Page:
    """The next events of a replay, and where the feed was when they were read."""

    epoch: bytes
    number: int
    events: list[Event]


def new_epoch() -> str:
    """Eight random hexadecimal digits: short, and never the same twice in practice."""
    return secrets.token_hex(4)


def decode_messages(messages: Iterable[bytes]) -> list[tuple[bytes, list[Event]]]:
    """Published batches, as runs of events without a gap: each with its epoch.

    What arrived together is taken together. Raises ValueError for what no Harbor published.
    """
    runs: list[tuple[bytes, list[Event]]] = []
    for message in messages:
        epoch, events = decode_message(message)
        if runs and _follows(runs[-1], epoch, events):
            runs[-1][1].extend(events)
        elif events:
            runs.append((epoch, events))
    return runs


def _follows(run: tuple[bytes, list[Event]], epoch: bytes, events: list[Event]) -> bool:
    return bool(events) and run[0] == epoch and run[1][-1].number + 1 == events[0].number


def decode_message(message: bytes) -> tuple[bytes, list[Event]]:
    """One published batch: its epoch and its events."""
    head, *lines = message.split(b"\n")
    epoch, first = head.split(b" ")
    start = int(first)
    return epoch, [decode_event(epoch, start + n, line) for n, line in enumerate(lines)]
