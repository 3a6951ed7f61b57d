"""One subscription per worker: fills the hubs, and finds and mends every gap.

Pub/sub delivers at most once and redis-py subscribes again without a word, so nothing is
taken on trust: numbers must be contiguous, and every confirmation of a subscription makes
the hub read what it may have missed.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

import gevent
import structlog
from gevent.lock import BoundedSemaphore
from redis.client import PubSub
from redis.exceptions import RedisError

from harbor.errors import Unavailable
from harbor.live.client import connect
from harbor.live.feed import Feed, decode_message
from harbor.live.hub import Hub
from harbor.live.latest import LatestPositions

log = structlog.get_logger()

PING_SECONDS = 3.0
SILENCE_SECONDS = 7.0
POLL_SECONDS = 0.5
RETRY_SECONDS = 0.5
AWAY_SECONDS = 2.0


class Source:
    """What the subscriber needs for one fleet: where to read, and which hub to fill."""

    def __init__(self, hub: Hub, feed: Feed, latest: LatestPositions) -> None:
        self.hub = hub
        self._feed = feed
        self._latest = latest
        self._reading = BoundedSemaphore()
        self._read_at = float("-inf")

    def catch_up(self) -> None:
        """Read what the hub may have missed, or begin afresh. Raises Unavailable."""
        hub = self.hub
        if hub.epoch is not None:
            span = self._feed.since(hub.epoch, hub.number)
            if span.is_complete and (not span.events or hub.take(span.epoch, span.events)):
                return
            log.warning("feed.gap", fleet=str(hub.fleet_id), number=hub.number)
        latest = self._latest.read()
        if latest.epoch is None:
            raise Unavailable("Valkey went away again.")
        hub.restart(latest)

    def read_while_away(self) -> None:
        """Without the feed: newest positions for snapshots, read once for all who come.

        Raises Unavailable when there is nothing to show at all.
        """
        with self._reading:
            if self.hub.is_seeded and monotonic() - self._read_at < AWAY_SECONDS:
                return
            try:
                latest = self._latest.read()
            except Unavailable:
                if not self.hub.is_seeded:
                    raise
                return
            self._read_at = monotonic()
            if self.hub.is_seeded:
                self.hub.refresh(latest.positions)
            else:
                self.hub.restart(latest)


class Subscriber:
    """Owns the worker's one pub/sub connection and the greenlet that reads it."""

    def __init__(self, url: str, timeout_s: float, when_back: Callable[[], None]) -> None:
        self._redis = connect(url, timeout_s)
        self._sources: dict[bytes, Source] = {}
        self._subscribed: set[bytes] = set()
        self._when_back = when_back
        self._is_back = False

    def listen(self, source: Source) -> None:
        """Feed this source's hub from now on."""
        self._sources[source.hub.channel.encode()] = source

    def close(self) -> None:
        self._redis.close()

    def run(self) -> None:
        """The greenlet: listens for ever."""
        while True:
            try:
                self._listen_until_it_breaks()
            except (RedisError, Unavailable, OSError) as error:
                self._degrade(str(error))
            gevent.sleep(RETRY_SECONDS)

    def _listen_until_it_breaks(self) -> None:
        self._subscribed = set()
        pubsub = PubSub(self._redis.connection_pool, ignore_subscribe_messages=False)
        heard_at = pinged_at = monotonic()
        try:
            while True:
                self._subscribe_to_new(pubsub)
                message = pubsub.get_message(timeout=POLL_SECONDS) if self._sources else None
                if not self._sources:
                    gevent.sleep(POLL_SECONDS)
                now = monotonic()
                if message is not None:
                    heard_at = now
                    self._handle(message)
                elif self._sources and now - heard_at > SILENCE_SECONDS:
                    raise Unavailable("Valkey does not answer the subscription's ping.")
                if self._sources and now - pinged_at > PING_SECONDS:
                    pinged_at = now
                    pubsub.ping()
        finally:
            pubsub.close()

    def _subscribe_to_new(self, pubsub: PubSub) -> None:
        missing = self._sources.keys() - self._subscribed
        if missing:
            pubsub.subscribe(*missing)
            self._subscribed |= missing

    def _handle(self, message: dict[str, Any]) -> None:
        source = self._sources.get(message["channel"])
        if source is None:
            return
        if message["type"] == "subscribe":
            source.catch_up()
            source.hub.degrade(False)
            if not self._is_back:
                self._is_back = True
                log.info("feed.subscribed", channel=source.hub.channel)
                self._when_back()
        elif message["type"] == "message":
            epoch, events = decode_message(message["data"])
            if not source.hub.take(epoch, events):
                source.catch_up()

    def _degrade(self, reason: str) -> None:
        """Said once, however often the next tries fail."""
        if self._is_back:
            log.warning("feed.subscription_lost", error=reason)
        self._is_back = False
        for source in self._sources.values():
            source.hub.degrade(True)
