"""One stream as a plain generator: the fallback where there is no plain socket.

It is the reference too: `harbor.live.audience` must send the same bytes.
"""

import random
from collections.abc import Callable, Iterator
from time import monotonic

from harbor.live import notice
from harbor.live.reading import Manners, Reading
from harbor.live.wish import Mode


class Subscription:
    """What a reader gets, pulled by whoever sends it."""

    def __init__(
        self,
        reading: Reading,
        manners: Manners,
        is_allowed: Callable[[], bool],
        last_event_id: str | None = None,
    ) -> None:
        self._reading = reading
        self._hub = reading.hub
        self._manners = manners
        self._is_allowed = is_allowed
        self._last_event_id = last_event_id
        self.end_reason = "client_left"

    def frames(self) -> Iterator[bytes]:
        """Everything this stream sends, in pieces of whole frames, until it must end."""
        yield notice.retry() + self._reading.opening(self._last_event_id)
        ends_at = monotonic() + lease_s(self._manners)
        # The first beat comes early by chance: streams that came together don't stay so.
        next_beat = monotonic() + random.uniform(0.5, 1) * self._manners.heartbeat_s  # noqa: S311
        while not self._hub.is_leaving:
            # First, and whatever there is to send: a busy stream is checked like a quiet one.
            if monotonic() >= next_beat:
                if not self._is_allowed():
                    self.end_reason = "ended"
                    return
                next_beat = monotonic() + self._manners.heartbeat_s
                yield self._reading.heartbeat()
            if monotonic() >= ends_at:
                self.end_reason = "age"
                yield notice.reconnect("age")
                return
            pending = self._reading.pending()
            if pending is None:
                if self._reading.wish.mode is Mode.ALL:
                    self.end_reason = "too_slow"
                    yield notice.resync("too_slow")
                    return
                pending = self._reading.start_over("too_slow")
            if pending:
                yield pending
                continue
            until_s = min(next_beat, ends_at) - monotonic()
            self._hub.wait(max(0.0, min(until_s, self._reading.due_in_s())))
        yield from self._farewell()

    def _farewell(self) -> Iterator[bytes]:
        """Spread over the drain window, so that the other workers are not stormed."""
        until = monotonic() + random.uniform(0, self._manners.drain_s)  # noqa: S311 - jitter
        while (left := until - monotonic()) > 0:
            pending = self._reading.pending()
            if pending:
                yield pending
            else:
                self._hub.wait(left)
        self.end_reason = "leaving"
        yield notice.reconnect("leaving")


def lease_s(manners: Manners) -> float:
    """How long one stream may last: within a fifth of the setting, by chance."""
    return manners.age_s * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


def turned_away(reason: str) -> bytes:
    """The whole stream when there is no seat: EventSource gives up on any status but 200."""
    return notice.reconnect(reason)
