"""What the audiences of a worker did: for Prometheus at once, for the log now and then."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import structlog

from harbor.live.audience import PEAK, Audience
from harbor.ops import metrics

log = structlog.get_logger()


class Tallies:
    """One per worker."""

    def __init__(self, audiences: Mapping[UUID, Audience]) -> None:
        self._audiences = audiences
        self._unsaid: dict[UUID, Counter[str]] = {}

    def count(self) -> None:
        """Bring the metrics up to date."""
        for fleet_id, audience in self._audiences.items():
            done = audience.take_tally()
            metrics.streamed(done)
            unsaid = self._unsaid.setdefault(fleet_id, Counter())
            peak = max(unsaid[PEAK], done.get(PEAK, 0))
            unsaid.update(done)
            unsaid[PEAK] = peak
        audiences = self._audiences.values()
        metrics.STREAMS.set(sum(one.hub.readers for one in audiences))
        metrics.STREAM_GROUPS.set(sum(one.groups for one in audiences))
        metrics.FEED_DEGRADED.set(any(one.hub.is_degraded for one in audiences))

    def say(self) -> None:
        """One line for each fleet where something was done since the last."""
        self.count()
        for fleet_id, audience in self._audiences.items():
            done = +self._unsaid.pop(fleet_id, Counter())
            if done:
                log.info(
                    "streams.condition",
                    fleet=str(fleet_id),
                    streams=len(audience),
                    groups=audience.groups,
                    **done,
                )
