"""What becomes of a well-formed report: kept, or put in quarantine with a reason.

A fix is believed when the fix before it or the fix after it can be of the same voyage. Late
and doubled reports are normal life at sea and are kept.
"""

from bisect import bisect
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from harbor.fleet.geo import METRES_PER_NAUTICAL_MILE, distance_metres
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.vessel import Kind

METRES_PER_DEGREE_MAX = 111_700.0
"""Of latitude; of longitude at the equator it is less."""
NEAR = timedelta(minutes=5)
"""So near in time, a fix that happens to be at hand vouches for another. Further away nearly
every place can be reached, and only the true neighbours in time say something."""


class Reason(StrEnum):
    """Why a report is not on the map: the first three are doubts, the others refusals."""

    NULL_ISLAND = "null_island"
    TELEPORT = "teleport"
    STUCK_CLOCK = "stuck_clock"
    GPS_WEEK_ROLLOVER = "gps_week_rollover"
    TIMESTAMP_TOO_OLD = "timestamp_too_old"
    TIMESTAMP_IN_FUTURE = "timestamp_in_future"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_VESSEL = "unknown_vessel"
    CONTRACT = "contract"
    MALFORMED = "malformed"
    REFUSED_BY_DATABASE = "refused_by_database"


class Spot(Protocol):
    """A place at a time: a report, or what is remembered of one."""

    @property
    def recorded_at(self) -> datetime: ...
    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Fix:
    """A spot, and nothing else."""

    recorded_at: datetime
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tracker's stored fixes at or before a report, and after it; the last teleport."""

    before: Spot | None = None
    after: Spot | None = None
    suspect: Spot | None = None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """By what the vessel's movements are measured."""

    thresholds: Thresholds
    kind: Kind = Kind.OTHER

    def is_reachable(self, one: Spot, other: Spot) -> bool:
        """Whether a vessel of this kind can have been at both."""
        if is_beside(one, other, self.thresholds):
            return True
        metres = apart(one, other)
        if metres < self.thresholds.jump_metres_min:
            return True
        hours = abs((one.recorded_at - other.recorded_at).total_seconds()) / 3600
        limit_knots = self.thresholds.speed_limit_knots(self.kind)
        return metres / METRES_PER_NAUTICAL_MILE <= limit_knots * hours

    def is_vouched_for(self, spot: Spot, witness: Spot) -> bool:
        """Whether a witness that may not be the next neighbour is enough to believe it."""
        is_near = abs(spot.recorded_at - witness.recorded_at) <= NEAR
        return is_near and self.is_reachable(spot, witness)


def is_beside(one: Spot, other: Spot, thresholds: Thresholds) -> bool:
    """Surely nearer than a jump: spares most reports the trigonometry."""
    degrees = abs(one.latitude - other.latitude) + abs(one.longitude - other.longitude)
    return degrees * METRES_PER_DEGREE_MAX < thresholds.jump_metres_min


def is_null_island(spot: Spot, thresholds: Thresholds) -> bool:
    """0/0 is what a receiver says that has no fix."""
    limit = thresholds.null_island_degrees
    return abs(spot.latitude) < limit and abs(spot.longitude) < limit


def is_clock_stuck(one: Spot, other: Spot, waited_s: float, thresholds: Thresholds) -> bool:
    """Whether two reports of one time show that the tracker's clock stands still.

    Sent long after one another they do, and a repeat of the same place does not.
    """
    is_long = waited_s >= thresholds.stuck_seconds_min
    return is_long and apart(one, other) >= thresholds.stuck_metres_min


def doubtful(
    voyage: Sequence[Spot], newest: Spot | None, recent: Spot | None, yardstick: Yardstick
) -> list[int]:
    """Which reports neither memory nor the message itself vouches for, by their index.

    `voyage` is in order of time, each time once. What follows the `newest` believed report
    in order needs no other neighbour; what is older, or has none, needs one near in time.
    """
    doubts: list[int] = []
    believed: Spot | None = None
    for index, report in enumerate(voyage):
        is_in_order = newest is not None and report.recorded_at >= newest.recorded_at
        vouches = yardstick.is_reachable if is_in_order else yardstick.is_vouched_for
        following = voyage[index + 1] if index + 1 < len(voyage) else None
        before = _later(believed, newest) if is_in_order else believed or newest
        witnesses = (before, following, None if is_in_order else recent)
        if any(witness is not None and vouches(report, witness) for witness in witnesses):
            believed = report
        else:
            doubts.append(index)
    return doubts


def _later(believed: Spot | None, newest: Spot | None) -> Spot | None:
    if believed is None or newest is None:
        return believed or newest
    return max(believed, newest, key=_time)


def teleports(
    voyage: Sequence[Spot],
    doubts: Collection[int],
    around: Mapping[int, Neighbours],
    yardstick: Yardstick,
) -> list[int]:
    """Which of the doubtful reports can't be right, now that their neighbours are known."""
    believed = [index for index in range(len(voyage)) if index not in doubts]
    wrong = []
    for index in sorted(doubts):
        report = voyage[index]
        beside = [voyage[at] for at in (index - 1, index + 1) if 0 <= at < len(voyage)]
        place = bisect(believed, index)
        beyond = [voyage[at] for at in believed[max(0, place - 1) : place + 1]]
        nearest = _nearest(report, around[index], beyond)
        if _is_teleport(report, nearest, beside, yardstick):
            wrong.append(index)
        else:
            believed.insert(place, index)
    return wrong


def _nearest(report: Spot, stored: Neighbours, beyond: Sequence[Spot]) -> Neighbours:
    """The neighbours in time among those that are stored and those that are believed."""
    at = report.recorded_at
    known = [spot for spot in (stored.before, stored.after, *beyond) if spot is not None]
    before = [spot for spot in known if spot.recorded_at <= at]
    after = [spot for spot in known if spot.recorded_at > at]
    return Neighbours(
        max(before, key=_time, default=None),
        min(after, key=_time, default=None),
        stored.suspect,
    )


def _time(spot: Spot) -> datetime:
    return spot.recorded_at


def _is_teleport(
    report: Spot, nearest: Neighbours, beside: Sequence[Spot], yardstick: Yardstick
) -> bool:
    before, after = nearest.before, nearest.after
    if before is None and after is None:
        return False  # the first ever
    if before is not None and before.recorded_at == report.recorded_at:
        return False  # known already: the first content wins
    witnesses = [spot for spot in (before, after) if spot is not None]
    witnesses += [spot for spot in beside if _lies_between(spot, before, after)]
    if any(yardstick.is_reachable(report, witness) for witness in witnesses):
        return False
    if before is not None and after is not None:
        return True
    return not _is_confirmed(report, nearest, yardstick)


def _is_confirmed(report: Spot, nearest: Neighbours, yardstick: Yardstick) -> bool:
    """At either end of the track a second report that agrees with the suspect is believed."""
    suspect = nearest.suspect
    if suspect is None or suspect.recorded_at == report.recorded_at:
        return False
    is_same_gap = _lies_between(suspect, nearest.before, nearest.after)
    return is_same_gap and yardstick.is_reachable(report, suspect)


def _lies_between(spot: Spot, before: Spot | None, after: Spot | None) -> bool:
    at = spot.recorded_at
    return (before is None or before.recorded_at < at) and (
        after is None or at < after.recorded_at
    )


def apart(one: Spot, other: Spot) -> float:
    """Metres between two spots."""
    return distance_metres(one.latitude, one.longitude, other.latitude, other.longitude)
