"""Where a reader is in a hub's log, and the bytes that bring it up to date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from harbor.errors import Unavailable
from harbor.fleet.geojson import collection, refreshed
from harbor.fleet.status import Patience
from harbor.live import notice
from harbor.live.event import Event, feed_id, frame
from harbor.live.hub import Hub
from harbor.live.wish import Mode, Wish

CATCH_UP_SECONDS = 2.0
"""A client may come from a worker that is ahead of this one by so much."""
QUIET_EVENTS = 1_000
"""After so many events that were not for it, a reader is told where it stands."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How streams behave: all in seconds but the buffer, patience, and the clock."""

    heartbeat_s: float
    drain_s: float
    patience: Patience
    clock: Callable[[], datetime]
    age_s: float = 3600.0
    stalled_s: float = 30.0
    send_buffer_bytes: int = 65_536


class Reading:
    """One reader's place, or that of many who are in step; holds no session, no request."""

    __slots__ = (
        "_due_at",
        "_generation",
        "_is_degraded",
        "_manners",
        "_said_number",
        "hub",
        "place",
        "wish",
    )

    def __init__(self, hub: Hub, wish: Wish, manners: Manners) -> None:
        self.hub = hub
        self.wish = wish
        self.place = hub.head
        self._manners = manners
        self._generation = hub.generation
        self._is_degraded = False
        self._said_number = 0
        self._due_at = 0.0

    def copy(self) -> "Reading":
        """Another reader at the same place."""
        other = Reading(self.hub, self.wish, self._manners)
        for name in Reading.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def is_in_step_with(self, other: "Reading") -> bool:
        """Whether both would be told the same from here on."""
        mine = (self.place, self._generation, self._is_degraded)
        return mine == (other.place, other._generation, other._is_degraded)

    def opening(self, last_event_id: str | None) -> bytes:
        """A snapshot, or what was missed since this id, or `resync` and a snapshot."""
        tally = self.hub.tally
        if last_event_id is None:
            tally["began_snapshot"] += 1
            return self._degraded_change() + self._snapshot()
        replay = self._replay(last_event_id)
        said = self._degraded_change()
        if replay is not None:
            tally["began_replay"] += 1
            return said + replay
        tally["began_resync"] += 1
        return said + self.start_over("history_gone")

    def pending(self, *, is_forced: bool = False, most: int | None = None) -> bytes | None:
        """What to send now, perhaps nothing; None when this reader fell out of the log.

        With a rate nothing is due before its time is over, unless forced. With `most` it is
        no more than so many events, where none may be left out.
        """
        said = self._degraded_change()
        if self._generation != self.hub.generation:
            return said + self.start_over("feed_restarted")
        if not is_forced and self.wish.rate_s and monotonic() < self._due_at:
            return said
        answer = self.hub.joined(
            self.place, self.wish, most if self.wish.mode is Mode.ALL else None
        )
        if answer is None:
            return None
        frames, self.place = answer
        if frames:
            self._said_number = self.hub.number
            self._due_at = monotonic() + self.wish.rate_s
        return said + frames

    @property
    def has_more(self) -> bool:
        """Whether `pending` stopped at the most that it was asked for."""
        return self.wish.mode is Mode.ALL and self.place != self.hub.head

    def due_in_s(self) -> float:
        """How long `pending` holds events back that have come already."""
        if not self.wish.rate_s or self.place == self.hub.head:
            return float("inf")
        return max(0.0, self._due_at - monotonic())

    def start_over(self, reason: str) -> bytes:
        """`resync`, and a snapshot to go on from."""
        return notice.resync(reason) + self._snapshot()

    def heartbeat(self) -> bytes:
        """A comment; or an id to resume from, when much went by that was not asked for.

        Never past what a rate still holds back: who resumed from there would miss it.
        """
        hub = self.hub
        is_behind = hub.number - self._said_number >= QUIET_EVENTS
        if hub.epoch is not None and is_behind and self.place == hub.head:
            self._said_number = hub.number
            return notice.state(self._is_degraded, feed_id(hub.epoch, hub.number))
        return notice.DEGRADED if hub.is_degraded else notice.LIVE

    def _snapshot(self) -> bytes:
        """The newest positions, and from which number on events follow them."""
        hub = self.hub
        self._generation = hub.generation
        self.place = hub.head
        self._said_number = hub.number
        now = self._manners.clock()
        return hub.once(("snapshot", self.wish, int(now.timestamp())), lambda: self._show(now))

    def _show(self, now: datetime) -> bytes:
        hub = self.hub
        features = [
            refreshed(placed.feature, placed.recorded_us, now, self._manners.patience)
            for placed in hub.newest()
            if self.wish.sees(placed)
        ]
        if hub.epoch is None:
            return frame(b"snapshot", collection(features))
        event_id = feed_id(hub.epoch, hub.number)
        return frame(b"snapshot", collection(features, b'"feed_id":"%b",' % event_id), event_id)

    def _replay(self, last_event_id: str) -> bytes | None:
        """The frames behind this id, or None when they are not all to be had."""
        hub = self.hub
        epoch, _, digits = last_event_id.partition("-")
        if hub.epoch is None or epoch.encode() != hub.epoch or not _is_number(digits):
            return None
        frames, number = b"", int(digits)
        place = hub.place_behind(number)
        if place is None:
            events = self._from_history(hub.epoch, number)
            if events is None:
                return None
            frames = self.wish.join(events)
            number = events[-1].number if events else number
            place = self._place_when_known(epoch.encode(), number)
        return self._resume(frames, place)

    def _resume(self, frames: bytes, place: int | None) -> bytes | None:
        """The frames, and what the log has behind this place."""
        answer = None if place is None else self.hub.joined(place, self.wish)
        if answer is None:
            return None
        self._generation = self.hub.generation
        self._said_number = self.hub.number
        more, self.place = answer
        self._due_at = monotonic() + self.wish.rate_s
        return frames + more

    def _place_when_known(self, epoch: bytes, number: int) -> int | None:
        """Behind a number that the history has, and this worker perhaps not yet."""
        hub, until = self.hub, monotonic() + CATCH_UP_SECONDS
        while hub.number < number and (left := until - monotonic()) > 0:
            hub.wait(left)
        return hub.place_behind(number) if hub.epoch == epoch else None

    def _from_history(self, epoch: bytes, number: int) -> Sequence[Event] | None:
        """Older than this worker's log, or newer than it got: ask Valkey's history."""
        try:
            span = self.hub.replay(epoch, number)
        except Unavailable:
            return None
        return span.events if span.is_complete else None

    def _degraded_change(self) -> bytes:
        if self.hub.is_degraded == self._is_degraded:
            return b""
        self._is_degraded = self.hub.is_degraded
        return notice.state(self._is_degraded)


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) < 16
