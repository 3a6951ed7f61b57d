"""What becomes of a well-formed report: kept, or put in quarantine with a reason.

A contract breach (types, ranges, more than two minutes ahead) is refused earlier, where
the message is decoded. Late and doubled reports are normal life at sea and are kept.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from harbor.fleet.geo import METRES_PER_NAUTICAL_MILE, distance_metres
from harbor.fleet.report import PositionReport

NULL_ISLAND_DEGREES = 1e-6
JUMP_METRES_MIN = 2_000.0
"""Below this a jump is bad reception, not a teleport."""
STUCK_METRES_MIN = 200.0
STUCK_SECONDS_MIN = 60.0


class Doubt(StrEnum):
    """Why a well-formed report can't be believed."""

    NULL_ISLAND = "null_island"
    TELEPORT = "teleport"
    STUCK_CLOCK = "stuck_clock"


@dataclass(frozen=True, slots=True)
class Seen:
    """A report as it was believed or doubted, and when it reached us."""

    report: PositionReport
    received_at: datetime


def doubt(
    report: PositionReport,
    newest: Seen | None,
    suspect: Seen | None,
    received_at: datetime,
    speed_knots_max: float,
) -> Doubt | None:
    """Compare a report with the tracker's newest believed one; None means: keep it.

    `suspect` is the last teleport that was put in quarantine. A second report that agrees
    with it shows that the vessel really is there, and is believed.
    """
    if (
        abs(report.latitude) < NULL_ISLAND_DEGREES
        and abs(report.longitude) < NULL_ISLAND_DEGREES
    ):
        return Doubt.NULL_ISLAND
    if newest is None:
        return None
    if report.recorded_at == newest.report.recorded_at:
        return _stuck(report, newest, received_at)
    if _is_reachable(report, newest.report, speed_knots_max):
        return None
    if suspect is not None and suspect.report.recorded_at != report.recorded_at:
        return (
            None if _is_reachable(report, suspect.report, speed_knots_max) else Doubt.TELEPORT
        )
    return Doubt.TELEPORT


def _stuck(report: PositionReport, newest: Seen, received_at: datetime) -> Doubt | None:
    """The same time again from another place, a minute later: the clock stands still."""
    waited_s = (received_at - newest.received_at).total_seconds()
    moved = _apart(report, newest.report)
    stuck = waited_s >= STUCK_SECONDS_MIN and moved >= STUCK_METRES_MIN
    return Doubt.STUCK_CLOCK if stuck else None


def _is_reachable(
    report: PositionReport, other: PositionReport, speed_knots_max: float
) -> bool:
    metres = _apart(report, other)
    if metres < JUMP_METRES_MIN:
        return True
    hours = abs((report.recorded_at - other.recorded_at).total_seconds()) / 3600
    return metres / METRES_PER_NAUTICAL_MILE <= speed_knots_max * hours


def _apart(report: PositionReport, other: PositionReport) -> float:
    return distance_metres(report.latitude, report.longitude, other.latitude, other.longitude)
