"""One fleet's feed inside one worker: a shared log of ready-made frames, and the newest.

A subscriber is a position in the log, not a queue: the hub never waits for anybody and
its memory does not depend on how many listen.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from uuid import UUID

import gevent
from gevent.event import Event as Signal

from harbor.live.event import LATE, POSITION, VESSEL, Event, Placed, relabelled
from harbor.live.feed import Span
from harbor.live.latest import Latest
from harbor.live.wish import Wish


class Hub:
    """Numbered events in order, without a gap; whoever feeds it fills gaps first.

    `generation` rises when the feed began afresh: positions in the log from before mean
    nothing any more, and every stream must say `resync`.
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
        self.is_seeded = False
        self.is_degraded = True  # until the subscription stands
        self.is_leaving = False
        self.replay = replay
        self._room = room
        self._log: list[Event] = []
        self._newest: dict[str, Placed] = {}
        self._answers: dict[tuple[int, Wish], tuple[bytes, int]] = {}
        self._tick_s = tick_s
        self._announced_at = 0.0
        self._is_due = False
        self._changed = Signal()

    def restart(self, latest: Latest) -> None:
        """Begin afresh from the newest positions; the log starts behind their number."""
        self.epoch = latest.epoch
        self.number = latest.number
        self.generation += 1
        self.is_seeded = True
        self._log = []
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
        if len(self._log) > 2 * self._room:
            del self._log[: -self._room]
        self._announce()
        return True

    def after(self, number: int) -> Sequence[Event] | None:
        """The events behind `number`, or None when the log no longer reaches back to it."""
        missed = self.number - number
        if missed > len(self._log):
            return None
        return self._log[len(self._log) - missed :] if missed > 0 else ()

    def refresh(self, positions: Sequence[Placed]) -> None:
        """Newer positions that did not come by the feed, for snapshots while it is away."""
        for placed in positions:
            known = self._newest.get(placed.vessel_id)
            if known is None or placed.recorded_us > known.recorded_us:
                self._newest[placed.vessel_id] = placed

    def newest(self) -> Sequence[Placed]:
        return tuple(self._newest.values())

    def degrade(self, is_degraded: bool) -> None:
        """Say whether the relay is away, so that no stream passes silence off as calm."""
        if self.is_degraded != is_degraded:
            self.is_degraded = is_degraded
            self._announce()

    def leave(self) -> None:
        """The worker is going: every stream says `reconnect` and ends."""
        self.is_leaving = True
        self._announce()

    def wait(self, timeout_s: float) -> None:
        """Until something changed, at most `timeout_s`; other greenlets run meanwhile."""
        self._changed.wait(timeout_s)

    def joined(self, number: int, wish: Wish) -> tuple[bytes, int] | None:
        """The frames behind `number` that fit a wish, and the number they reach.

        Streams that keep pace ask the same question, so that it is answered once for all.
        None when the log no longer reaches back.
        """
        question = (number, wish)
        if question not in self._answers:
            events = self.after(number)
            if events is None:
                return None
            reached = events[-1].number if events else number
            self._answers[question] = (wish.join(events), reached)
        return self._answers[question]

    def _announce(self) -> None:
        """Wake the streams: at once when it is quiet, else together at the next tick.

        Under load every stream would otherwise be woken for every event, and a send costs
        the same for one frame as for twenty.
        """
        self._answers = {}
        if self._is_due:
            return
        wait_s = self._announced_at + self._tick_s - monotonic()
        if wait_s <= 0:
            self._wake()
        else:
            self._is_due = True
            gevent.spawn_later(wait_s, self._wake)

    def _wake(self) -> None:
        self._is_due = False
        self._announced_at = monotonic()
        changed, self._changed = self._changed, Signal()
        changed.set()

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
        if event.kind == LATE:
            return
        placed = event.placed
        known = self._newest.get(placed.vessel_id)
        if event.kind == VESSEL and b'"change":"removed"' in placed.feature:
            self._newest.pop(placed.vessel_id, None)
        elif placed.recorded_us and (known is None or placed.recorded_us >= known.recorded_us):
            self._newest[placed.vessel_id] = placed
