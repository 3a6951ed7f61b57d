"""One subscription per worker: fills the hubs, and finds and mends every gap.

Pub/sub delivers at most once, so nothing is taken on trust: numbers must be contiguous, and
every confirmation of a subscription makes the hub read what it may have missed.
"""

import random
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from time import monotonic

import gevent
import structlog
from gevent.event import Event as Signal
from redis.exceptions import RedisError

from harbor.errors import Unavailable
from harbor.live.client import Refuses
from harbor.live.feed import decode_messages
from harbor.live.link import Link, Reply
from harbor.live.source import Source

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often Valkey is asked, how long it may be silent, and when to try again."""

    ping_s: float = 3.0
    silence_s: float = 7.0
    retry_s: float = 0.5


USUAL = Rhythm()


class Subscriber:
    """Owns the worker's one listening connection and the greenlet that reads it."""

    def __init__(
        self,
        url: str,
        timeout_s: float,
        when_back: Callable[[], None],
        rhythm: Rhythm = USUAL,
    ) -> None:
        self._rhythm = rhythm
        self._url = url
        self._timeout_s = timeout_s
        self._sources: dict[bytes, Source] = {}
        self._has_sources = Signal()
        self._link: Link | None = None
        self._when_back = when_back
        self._is_back = False

    def listen(self, source: Source) -> None:
        """Feed this source's hub from now on."""
        self._sources[source.hub.channel.encode()] = source
        self._has_sources.set()
        if self._link is not None:
            self._link.stir()

    def run(self) -> None:
        """The greenlet: listens for ever."""
        while True:
            self._has_sources.wait()
            try:
                self._listen_until_it_breaks()
            except (RedisError, Unavailable, OSError) as error:
                self._degrade(str(error))
            gevent.sleep(self._rhythm.retry_s * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    def _listen_until_it_breaks(self) -> None:
        self._check()
        with closing(Link(self._url, self._timeout_s)) as link:
            self._link = link
            try:
                self._attend(link)
            finally:
                self._link = None

    def _attend(self, link: Link) -> None:
        subscribed: set[bytes] = set()
        heard_at = pinged_at = monotonic()
        while True:
            if missing := self._sources.keys() - subscribed:
                link.subscribe(missing)
                subscribed |= missing
            ping_at = pinged_at + self._rhythm.ping_s
            silent_at = heard_at + self._rhythm.silence_s
            replies = link.read(max(0.0, min(ping_at, silent_at) - monotonic()))
            now = monotonic()
            if replies:
                heard_at = now
                self._handle(replies)
            elif now >= silent_at:
                raise Unavailable("Valkey does not answer the subscription's ping.")
            if now >= ping_at:
                pinged_at = now
                link.ping()
                self._check()

    def _check(self) -> None:
        """A Valkey that takes no writes is away, though it may answer and even confirm.

        Raises Refuses. That it does not answer is for the subscription itself to notice: one
        slow call is no reason to call the feed degraded.
        """
        try:
            next(iter(self._sources.values())).check()
        except Refuses:
            raise
        except Unavailable as error:
            log.debug("feed.unchecked", error=str(error))

    def _handle(self, replies: Iterable[Reply]) -> None:
        """Confirmations first: what they make a hub read includes what came with them."""
        heard: dict[bytes, list[bytes]] = {}
        for kind, channel, *rest in replies:
            if kind == b"subscribe" and channel in self._sources:
                self._confirmed(self._sources[channel])
            elif kind == b"message" and channel in self._sources:
                heard.setdefault(channel, []).append(rest[0])
        for channel, messages in heard.items():
            self._fill(self._sources[channel], messages)

    def _confirmed(self, source: Source) -> None:
        source.catch_up()
        source.hub.degrade(False)
        if not self._is_back:
            self._is_back = True
            log.info("feed.subscribed", channel=source.hub.channel)
            self._when_back()

    def _fill(self, source: Source, messages: Iterable[bytes]) -> None:
        try:
            runs = decode_messages(messages)
        except ValueError as error:
            log.warning("feed.unreadable", channel=source.hub.channel, error=str(error))
            source.catch_up()
            return
        for epoch, events in runs:
            if not source.hub.take(epoch, events):
                source.catch_up()

    def _degrade(self, reason: str) -> None:
        """Said once, however often the next tries fail."""
        if self._is_back:
            log.warning("feed.subscription_lost", error=reason)
        self._is_back = False
        for source in self._sources.values():
            source.hub.degrade(True)
