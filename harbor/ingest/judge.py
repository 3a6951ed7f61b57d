"""Remembers each tracker's newest believed report, to tell a teleport from a voyage."""

from collections import OrderedDict
from datetime import datetime
from uuid import UUID

from harbor.fleet.report import PositionReport
from harbor.fleet.verdict import Doubt, Seen, doubt

TRACKERS_MAX = 100_000

Sailor = tuple[UUID, UUID]
"""tracker, vessel: a shared key reports for many vessels."""


class Judge:
    """One per worker; what another worker saw is learned from this worker's next report."""

    def __init__(self, speed_knots_max: float) -> None:
        self._speed_knots_max = speed_knots_max
        self._newest: OrderedDict[Sailor, Seen] = OrderedDict()
        self._suspects: OrderedDict[Sailor, Seen] = OrderedDict()

    def doubt(self, report: PositionReport, received_at: datetime) -> Doubt | None:
        """Why this report is not to be believed, or None; remembers it either way."""
        sailor = (report.tracker_id, report.vessel_id)
        newest = self._newest.get(sailor)
        reason = doubt(
            report, newest, self._suspects.get(sailor), received_at, self._speed_knots_max
        )
        seen = Seen(report, received_at)
        if reason is Doubt.TELEPORT:
            _remember(self._suspects, sailor, seen)
        elif reason is None:
            self._suspects.pop(sailor, None)
            if newest is None or report.recorded_at > newest.report.recorded_at:
                _remember(self._newest, sailor, seen)
        return reason


def _remember(memory: OrderedDict[Sailor, Seen], sailor: Sailor, seen: Seen) -> None:
    memory[sailor] = seen
    memory.move_to_end(sailor)
    if len(memory) > TRACKERS_MAX:
        memory.popitem(last=False)
