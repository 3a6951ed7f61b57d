"""One fleet's feed inside one worker: a shared log of ready-made frames, and the newest.

A reader is a place in the log, not a queue: the hub never waits for anybody and its memory
does not depend on how many listen.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from time import monotonic
from uuid import UUID

import gevent
from gevent.event import Event as Signal

from harbor.live.event import ALERT, LATE, POSITION, VESSEL, Event, Placed, frame, relabelled
from harbor.live.feed import Span
from harbor.live.latest import Latest
from harbor.live.wish import Wish

_NO_PLACES = frozenset({LATE, ALERT})
"""What says nothing of where a vessel is now."""
ANSWERS_MAX = 256
ANSWERS_BYTES_MAX = 32 * 1024 * 1024
"""Snapshots of a quiet fleet pile up, one for each second and wish that was asked for."""


class Hub:
    """Numbered events in order, without a gap; whoever feeds it fills gaps first.

    Places count the entries of the log since the worker began, the events without a number
    (from PostgreSQL, while the relay is away) included. `generation` rises when the feed
    began afresh: places from before mean nothing any more, and every stream must say
    `resync`.
    """

    def __init__(
        self,
        fleet_id: UUID,
        channel: str,
        room: int,
        replay: Callable[[bytes, int], Span],
        tick_s: float = 0.0,
    ) -> None:
        self.fleet_id = fleet_id
        self.channel = channel
        self.epoch: bytes | None = None
        self.number = 0
        self.generation = 0
        self.readers = 0
        self.tally: Counter[str] = Counter()
        self.woken = 0
        self.is_seeded = False
        self.is_degraded = True  # until the subscription stands
        self.is_leaving = False
        self.replay = replay
        self._room = room
        self._log: list[Event] = []
        self._first_place = 0
        self._number_before = 0
        self._newest: dict[str, Placed] = {}
        self._answers: dict[Hashable, bytes] = {}
        self._answers_bytes = 0
        self._tick_s = self._pause_s = tick_s
        self._announced_at = 0.0
        self._is_due = False
        self._changed = Signal()

    @property
    def head(self) -> int:
        """The place behind the last entry."""
        return self._first_place + len(self._log)

    def has_readers(self) -> bool:
        return self.readers > 0

    def restart(self, latest: Latest) -> None:
        """Begin afresh from the newest positions; the log starts behind their number."""
        self._first_place = self.head
        self._log = []
        self.epoch = latest.epoch
        self.number = self._number_before = latest.number
        self.generation += 1
        self.is_seeded = True
        self._newest = {placed.vessel_id: placed for placed in latest.positions}
        self._announce()

    def take(self, epoch: bytes, events: Sequence[Event]) -> bool:
        """Append what is new; False when something is missing before it, or all is new."""
        if epoch != self.epoch:
            return False
        fresh = [event for event in events if event.number > self.number]
        if not fresh:
            return bool(events) and events[-1].number == self.number
        if fresh[0].number != self.number + 1:
            return False
        self.number = fresh[-1].number
        for event in fresh:
            one = self._as_known_here(event)
            self._log.append(one)
            self._remember(one)
        self._trim()
        self._announce()
        return True

    def refresh(self, positions: Sequence[Placed]) -> None:
        """Newer positions that did not come by the feed: told without a number."""
        fresh = []
        for placed in positions:
            known = self._newest.get(placed.vessel_id)
            if known is None or placed.recorded_us > known.recorded_us:
                self._newest[placed.vessel_id] = placed
                before = None if known is None else (known.latitude, known.longitude)
                ready = frame(POSITION, placed.feature)
                fresh.append(Event(self.number, POSITION, placed, ready, before))
        if fresh:
            self._log += fresh
            self._trim()
            self._announce()

    def newest(self) -> Sequence[Placed]:
        return tuple(self._newest.values())

    def after(self, place: int) -> Sequence[Event] | None:
        """The entries behind a place, or None when the log no longer reaches back to it."""
        if place < self._first_place:
            return None
        return self._log[place - self._first_place :]

    def place_behind(self, number: int) -> int | None:
        """Where the events after this number begin; None when the log can't say.

        What came past the feed then has no number of its own, and is behind it too.
        """
        if not self._number_before <= number <= self.number:
            return None
        return self._first_place + bisect_right(self._log, (number, False), key=_order_of)

    def joined(
        self, place: int, wish: Wish, most: int | None = None
    ) -> tuple[bytes, int] | None:
        """The frames behind `place` that fit a wish, and the place they reach.

        Readers that keep pace ask the same question, so that it is answered once for all.
        None when the log no longer reaches back.
        """
        entries = self.after(place)
        if entries is None:
            return None
        events = entries[:most]
        return self.once((place, wish, most), lambda: wish.join(events)), place + len(events)

    def once(self, question: Hashable, make: Callable[[], bytes]) -> bytes:
        """What `make` returns, made once for all who ask before something happens."""
        known = self._answers.get(question)
        if known is None:
            known = make()
            self._answers_bytes += len(known)
            if len(self._answers) >= ANSWERS_MAX or self._answers_bytes > ANSWERS_BYTES_MAX:
                self._answers, self._answers_bytes = {}, len(known)
            self._answers[question] = known
        return known

    def degrade(self, is_degraded: bool) -> None:
        """Say whether the relay is away, so that no stream passes silence off as calm."""
        if self.is_degraded != is_degraded:
            self.is_degraded = is_degraded
            self._announce()

    def leave(self) -> None:
        """The worker is going: every stream says `reconnect` and ends."""
        self.is_leaving = True
        self._announce()

    def took(self, seconds: float) -> None:
        """How long it took to tell everybody: others get as much time, up to a tick."""
        self._pause_s = min(self._tick_s, seconds) + seconds

    def wait(self, timeout_s: float) -> None:
        """Until something changed, at most `timeout_s`; other greenlets run meanwhile."""
        self._changed.wait(timeout_s)

    def _announce(self) -> None:
        """Wake the readers: at once when it is quiet, else together when the pause is over.

        A send costs the same for one frame as for twenty.
        """
        self._answers, self._answers_bytes = {}, 0
        if self._is_due:
            return
        wait_s = self._announced_at + self._pause_s - monotonic()
        if wait_s <= 0:
            self._wake()
        else:
            self._is_due = True
            gevent.spawn_later(wait_s, self._wake)

    def _wake(self) -> None:
        self._is_due = False
        self.woken += 1
        self._announced_at = monotonic()
        changed, self._changed = self._changed, Signal()
        changed.set()

    def _trim(self) -> None:
        too_many = len(self._log) - self._room
        if too_many > self._room:
            self._number_before = self._log[too_many - 1].number
            self._first_place += too_many
            del self._log[:too_many]

    def _as_known_here(self, event: Event) -> Event:
        """`late` when a snapshot from PostgreSQL has shown a newer position already.

        The feed catches up, after an outage, with what was committed in the meantime; on a
        stream that had the snapshot its markers would sail backward.
        """
        known = self._newest.get(event.placed.vessel_id)
        if event.kind != POSITION or known is None:
            return event
        if event.placed.recorded_us >= known.recorded_us or self.epoch is None:
            return event
        return relabelled(event, LATE, self.epoch)

    def _remember(self, event: Event) -> None:
        if event.kind in _NO_PLACES:
            return
        placed = event.placed
        known = self._newest.get(placed.vessel_id)
        if event.kind == VESSEL and b'"change":"removed"' in placed.feature:
            self._newest.pop(placed.vessel_id, None)
        elif placed.recorded_us and (known is None or placed.recorded_us >= known.recorded_us):
            self._newest[placed.vessel_id] = placed


def _order_of(event: Event) -> tuple[int, bool]:
    return event.number, not event.frame.startswith(b"id: ")
