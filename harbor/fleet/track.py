"""What a track says: distance run, time under way, stops, gaps, speeds.

Fixes go in one by one, so that a month of them needs no more memory than an hour.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from harbor.fleet.geo import METRES_PER_NAUTICAL_MILE, distance_metres
from harbor.fleet.rhythm import Rhythm

SLOW_KNOTS = 0.5
STOP_SECONDS_MIN = 180.0
STOP_METRES = 75.0
"""A fix of unknown speed, or a fast one, belongs to a stop this near to its middle."""
SWING_METRES = 300.0
"""A slow fix belongs to it this near: a vessel at anchor swings round her chain."""
ASTRAY_SECONDS = 60.0
"""Back at the stop within this time, she was not away: a receiver wanders."""
COMPUTED_SECONDS_MIN = 5.0
"""A speed computed over less is mostly the noise of two fixes."""
LISTED_MAX = 2_000
KNOTS = 3600 / METRES_PER_NAUTICAL_MILE


class TrackFix(NamedTuple):
    """One fix of a track; a plain tuple, because a month has a quarter of a million."""

    at_s: float
    """Seconds since 1970, UTC."""
    latitude: float
    longitude: float
    speed_knots: float | None
    course_degrees: float | None
    tracker: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A stay at one place; for `unreported_s` of it nobody knows where she was."""

    begin_s: float
    end_s: float
    latitude: float
    longitude: float
    unreported_s: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A silence of more than five times the rhythm, and the straight line across it."""

    begin_s: float
    end_s: float
    metres: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A track in numbers.

    `metres` are those between fixes, `estimated_metres` the straight lines across gaps;
    neither counts the wandering of a receiver at a stop. Under way is all the time that is
    neither in a stop nor in a gap. Without any reported speed the fastest is computed.
    """

    fixes: int
    first_s: float | None
    last_s: float | None
    metres: float
    estimated_metres: float
    under_way_s: float
    stopped_s: float
    unreported_s: float
    stop_count: int
    gap_count: int
    speed_max_knots: float | None
    speed_max_at_s: float | None
    is_speed_computed: bool
    speed_mean_knots: float | None


class Passage(NamedTuple):
    """The way from one fix to the next."""

    begin_s: float
    end_s: float
    metres: float
    is_gap: bool


@dataclass(slots=True)
class _Sum:
    """What passages come to."""

    metres: float = 0.0
    estimated_metres: float = 0.0
    under_way_s: float = 0.0
    unreported_s: float = 0.0
    computed: tuple[float, float] = (0.0, 0.0)
    reported: tuple[float, float] | None = None
    """The greatest speed, and when first."""

    def add(self, passage: Passage, speed_knots: float | None) -> None:
        step_s = passage.end_s - passage.begin_s
        if passage.is_gap:
            self.estimated_metres += passage.metres
            self.unreported_s += step_s
        else:
            self.metres += passage.metres
            self.under_way_s += step_s
            if speed_knots is None and step_s >= COMPUTED_SECONDS_MIN:
                self.compute(passage.metres / step_s * KNOTS, passage.end_s)
        if speed_knots is not None:
            self.see(speed_knots, passage.end_s)

    def compute(self, speed_knots: float, at_s: float) -> None:
        if speed_knots > self.computed[0]:
            self.computed = (speed_knots, at_s)

    def see(self, speed_knots: float, at_s: float) -> None:
        if self.reported is None or speed_knots > self.reported[0]:
            self.reported = (speed_knots, at_s)

    def join(self, other: "_Sum") -> None:
        self.metres += other.metres
        self.estimated_metres += other.estimated_metres
        self.under_way_s += other.under_way_s
        self.unreported_s += other.unreported_s
        self.compute(*other.computed)
        if other.reported is not None:
            self.see(*other.reported)


@dataclass(slots=True)
class _Stay:
    """Perhaps a stop: from its first fix to the last that was surely there, and since."""

    first: TrackFix
    last: TrackFix
    latitude: float
    longitude: float
    count: int = 1
    here: _Sum = field(default_factory=_Sum)
    since: _Sum = field(default_factory=_Sum)

    @classmethod
    def at(cls, fix: TrackFix) -> "_Stay":
        return cls(fix, fix, fix.latitude, fix.longitude)

    @property
    def is_stop(self) -> bool:
        return self.last.at_s - self.first.at_s >= STOP_SECONDS_MIN

    def metres_to(self, fix: TrackFix) -> float:
        return distance_metres(self.latitude, self.longitude, fix.latitude, fix.longitude)

    def settle(self, fix: TrackFix) -> None:
        """The vessel is here, and so she was since the last time."""
        self.here.join(self.since)
        self.since = _Sum()
        self.last = fix
        self.count += 1
        self.latitude += (fix.latitude - self.latitude) / self.count
        self.longitude += _turned(fix.longitude - self.longitude) / self.count


class Track:
    """Add every fix, oldest first, then `finish`.

    `stops` and `gaps` are the first `listed_max` of them; all are counted in the figures.
    """

    def __init__(self, listed_max: int = LISTED_MAX) -> None:
        self._listed_max = listed_max
        self.stops: list[Stop] = []
        self.gaps: list[Gap] = []
        self._rhythm = Rhythm()
        self._sum = _Sum()
        self._stay: _Stay | None = None
        self._first: TrackFix | None = None
        self._before: TrackFix | None = None
        self._fixes = self._stop_count = self._gap_count = 0
        self._stopped_s = 0.0

    def add(self, fix: TrackFix) -> bool:
        """Whether there is a gap before it."""
        self._fixes += 1
        before, self._before = self._before, fix
        if before is None:
            self._first = fix
            if fix.speed_knots is not None:
                self._sum.see(fix.speed_knots, fix.at_s)
            self._rest(fix)
            return False
        passage = self._passage(before, fix)
        if self._stay is None:
            self._sum.add(passage, fix.speed_knots)
            self._rest(fix)
        else:
            self._consider(self._stay, passage, fix)
        return passage.is_gap

    def finish(self) -> Figures:
        """The figures of all that was added; call it once, at the end."""
        if self._stay is not None:
            self._leave(self._stay)
        total = self._sum
        fastest = total.reported or total.computed
        is_known = total.reported is not None or total.computed[0] > 0
        hours = total.under_way_s / 3600
        miles = total.metres / METRES_PER_NAUTICAL_MILE
        return Figures(
            fixes=self._fixes,
            first_s=self._first.at_s if self._first else None,
            last_s=self._before.at_s if self._before else None,
            metres=total.metres,
            estimated_metres=total.estimated_metres,
            under_way_s=total.under_way_s,
            stopped_s=self._stopped_s,
            unreported_s=total.unreported_s,
            stop_count=self._stop_count,
            gap_count=self._gap_count,
            speed_max_knots=fastest[0] if is_known else None,
            speed_max_at_s=fastest[1] if is_known else None,
            is_speed_computed=is_known and total.reported is None,
            speed_mean_knots=miles / hours if hours > 0 else None,
        )

    def _passage(self, before: TrackFix, fix: TrackFix) -> Passage:
        step_s = fix.at_s - before.at_s
        is_gap = self._rhythm.is_gap(step_s)
        metres = distance_metres(before.latitude, before.longitude, fix.latitude, fix.longitude)
        self._rhythm.note(step_s)
        if is_gap:
            self._gap_count += 1
            if len(self.gaps) < self._listed_max:
                self.gaps.append(Gap(before.at_s, fix.at_s, metres))
        return Passage(before.at_s, fix.at_s, metres, is_gap)

    def _consider(self, stay: _Stay, passage: Passage, fix: TrackFix) -> None:
        """Is she still where she was?"""
        is_slow = fix.speed_knots is None or fix.speed_knots < SLOW_KNOTS
        reach = SWING_METRES if is_slow and fix.speed_knots is not None else STOP_METRES
        stay.since.add(passage, fix.speed_knots)
        if stay.metres_to(fix) <= reach:
            if is_slow:
                stay.settle(fix)
            return
        if fix.at_s - stay.last.at_s > ASTRAY_SECONDS:
            self._leave(stay)
            self._rest(fix)

    def _rest(self, fix: TrackFix) -> None:
        """Perhaps a stop begins with this fix."""
        if fix.speed_knots is None or fix.speed_knots < SLOW_KNOTS:
            self._stay = _Stay.at(fix)

    def _leave(self, stay: _Stay) -> None:
        """Count the stay, as a stop or as a part of the way, and the way since."""
        self._stay = None
        if stay.is_stop:
            self._count(stay)
        else:
            self._sum.join(stay.here)
        self._sum.join(stay.since)

    def _count(self, stay: _Stay) -> None:
        first, last = stay.first, stay.last
        self._sum.metres += distance_metres(
            first.latitude, first.longitude, last.latitude, last.longitude
        )
        self._stopped_s += last.at_s - first.at_s
        self._stop_count += 1
        if len(self.stops) < self._listed_max:
            place = (stay.latitude, _turned(stay.longitude))
            self.stops.append(Stop(first.at_s, last.at_s, *place, stay.here.unreported_s))


def _turned(degrees: float) -> float:
    """-180 up to 180."""
    return (degrees + 180) % 360 - 180
