"""One stream: what a subscriber asked for, and the bytes it gets."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import orjson

from harbor.errors import Unavailable
from harbor.fleet.geojson import collection, refreshed
from harbor.fleet.status import Patience
from harbor.live.event import Event, feed_id, frame
from harbor.live.hub import Hub
from harbor.live.wish import Mode, Wish

RETRY_MILLISECONDS = (1000, 5000)


@dataclass(frozen=True, slots=True)
class Manners:
    """How streams behave: heartbeat and drain in seconds, patience, and the clock."""

    heartbeat_s: float
    drain_s: float
    patience: Patience
    clock: Callable[[], datetime]


class Subscription:
    """A position in the hub's log; holds no database session and no request."""

    def __init__(
        self,
        hub: Hub,
        wish: Wish,
        manners: Manners,
        is_allowed: Callable[[], bool],
        last_event_id: str | None = None,
    ) -> None:
        self._hub = hub
        self._wish = wish
        self._manners = manners
        self._is_allowed = is_allowed
        self._last_event_id = last_event_id
        self._number = 0
        self._generation = hub.generation
        self._said_degraded = False

    def frames(self) -> Iterator[bytes]:
        """Everything this stream sends, in pieces of whole frames, until it must end."""
        yield retry() + self._opening()
        # The first beat comes early by chance: streams that came together don't stay so.
        next_beat = monotonic() + random.uniform(0.5, 1) * self._manners.heartbeat_s  # noqa: S311
        while not self._hub.is_leaving:
            # First, and whatever there is to send: a busy stream is checked like a quiet one.
            if monotonic() >= next_beat:
                if not self._is_allowed():
                    return
                next_beat = monotonic() + self._manners.heartbeat_s
                yield self._heartbeat()
            pending = self._pending()
            if pending is None:
                yield frame(b"resync", _reason("too_slow"))
                if self._wish.mode is Mode.ALL:
                    return
                pending = self._snapshot()
            if pending:
                yield pending
                continue
            self._hub.wait(max(0.0, next_beat - monotonic()))
        yield from self._farewell()

    def _opening(self) -> bytes:
        """A snapshot, or what was missed since Last-Event-ID, or `resync` and a snapshot."""
        said = self._degraded_change()
        wanted = self._last_event_id
        if wanted is None:
            return said + self._snapshot()
        replay = self._replay(wanted)
        if replay is not None:
            return said + replay
        return said + frame(b"resync", _reason("history_gone")) + self._snapshot()

    def _replay(self, last_event_id: str) -> bytes | None:
        """The frames behind this id, or None when they are not all to be had."""
        hub = self._hub
        epoch, _, digits = last_event_id.partition("-")
        if hub.epoch is None or epoch.encode() != hub.epoch or not _is_number(digits):
            return None
        number = int(digits)
        events = hub.after(number)
        if events is None or number > hub.number:
            events = self._replay_from_history(number)
        if events is None:
            return None
        self._number = events[-1].number if events else number
        return self._wish.join(events)

    def _replay_from_history(self, number: int) -> Sequence[Event] | None:
        """Older than this worker's log, or newer than it got: ask Valkey's history."""
        if self._hub.epoch is None:
            return None
        try:
            span = self._hub.replay(self._hub.epoch, number)
        except Unavailable:
            return None
        return span.events if span.is_complete else None

    def _snapshot(self) -> bytes:
        """The newest positions, and from which number on events follow them."""
        hub = self._hub
        self._generation = hub.generation
        self._number = hub.number
        now = self._manners.clock()
        features = [
            refreshed(placed.feature, placed.recorded_us, now, self._manners.patience)
            for placed in hub.newest()
            if self._wish.sees(placed)
        ]
        if hub.epoch is None:
            return frame(b"snapshot", collection(features))
        event_id = feed_id(hub.epoch, hub.number)
        return frame(b"snapshot", collection(features, b'"feed_id":"%b",' % event_id), event_id)

    def _pending(self) -> bytes | None:
        """What to send now, perhaps nothing; None when this stream fell out of the log."""
        said = self._degraded_change()
        if self._generation != self._hub.generation:
            return said + frame(b"resync", _reason("feed_restarted")) + self._snapshot()
        answer = self._hub.joined(self._number, self._wish)
        if answer is None:
            return None
        frames, self._number = answer
        return said + frames

    def _degraded_change(self) -> bytes:
        if self._hub.is_degraded == self._said_degraded:
            return b""
        self._said_degraded = self._hub.is_degraded
        return frame(b"feed", _feed_state(self._said_degraded))

    def _heartbeat(self) -> bytes:
        return b": degraded\n\n" if self._hub.is_degraded else b": live\n\n"

    def _farewell(self) -> Iterator[bytes]:
        """Spread over the drain window, so that the other workers are not stormed."""
        until = monotonic() + random.uniform(0, self._manners.drain_s)  # noqa: S311 - jitter
        while (left := until - monotonic()) > 0:
            pending = self._pending()
            if pending:
                yield pending
            else:
                self._hub.wait(left)
        yield retry() + frame(b"reconnect", _reason("leaving"))


def turned_away() -> bytes:
    """For a browser when the worker is full: EventSource gives up on any status but 200."""
    return retry() + frame(b"reconnect", _reason("full"))


def retry() -> bytes:
    """A value of its own for every client, so that they don't come back together."""
    return b"retry: %d\n\n" % random.randint(*RETRY_MILLISECONDS)  # noqa: S311 - jitter


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) < 16


def _reason(reason: str) -> bytes:
    return orjson.dumps({"reason": reason})


def _feed_state(is_degraded: bool) -> bytes:
    return orjson.dumps({"state": "degraded" if is_degraded else "live"})
