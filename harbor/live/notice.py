"""What a stream says about itself, beside the fleet's events: none of it moves the cursor."""

import random

import orjson

from harbor.live.event import frame

RETRY_MILLISECONDS = (1000, 5000)
LIVE, DEGRADED = b": live\n\n", b": degraded\n\n"


def retry() -> bytes:
    """A value of its own for every client, so that they don't come back together."""
    return b"retry: %d\n\n" % random.randint(*RETRY_MILLISECONDS)  # noqa: S311 - jitter


def resync(reason: str) -> bytes:
    """What was missed can't be replayed."""
    return frame(b"resync", orjson.dumps({"reason": reason}))


def reconnect(reason: str) -> bytes:
    """The stream ends here; the client comes back when its own `retry` is over."""
    return retry() + frame(b"reconnect", orjson.dumps({"reason": reason}))


def merged(events: int) -> bytes:
    """So many events were left out in favour of the newest of each vessel, which follow."""
    return frame(b"merged", b'{"events":%d}' % events)


def state(is_degraded: bool, event_id: bytes | None = None) -> bytes:
    """Whether the feed is live; with an id it moves a quiet stream's cursor forward."""
    data = b'{"state":"degraded"}' if is_degraded else b'{"state":"live"}'
    return frame(b"feed", data, event_id)
