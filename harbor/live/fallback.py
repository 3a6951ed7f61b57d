"""While the feed is away, the map keeps moving: newest positions from PostgreSQL."""

import random
from collections.abc import Mapping
from time import monotonic
from uuid import UUID

import gevent
import structlog

from harbor.errors import Unavailable
from harbor.live.source import Source

log = structlog.get_logger()

JITTER = 0.1
REST = 4.0
"""So many times as long as a read took, the worker does other things: of 5,000 vessels one
takes half a second of its CPU."""


class Fallback:
    """One greenlet per worker; one read at a time, so that they never overlap."""

    def __init__(self, sources: Mapping[UUID, Source], every_s: float) -> None:
        self._sources = sources
        self._every_s = every_s
        self._is_reading = True

    def run(self) -> None:
        """The greenlet: looks for ever whether somebody needs it."""
        while True:
            began = monotonic()
            self.read_all()
            wait_s = max(self._every_s, REST * (monotonic() - began))
            # Workers that lost the feed together must not ask PostgreSQL together.
            gevent.sleep(wait_s * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311

    def read_all(self) -> None:
        """Once for every fleet whose feed is away and whose streams are open."""
        for source in tuple(self._sources.values()):
            if not source.hub.is_degraded or not source.hub.has_readers():
                continue
            try:
                source.follow_while_away()
            except Unavailable as error:
                self._say(is_reading=False, reason=str(error))
            else:
                self._say(is_reading=True)

    def _say(self, *, is_reading: bool, reason: str = "") -> None:
        """Once, however often the next tries end the same way."""
        if is_reading != self._is_reading:
            self._is_reading = is_reading
            if is_reading:
                log.info("fallback.reads_again")
            else:
                log.warning("fallback.nothing_to_read", error=reason)
