"""A track in few points, for drawing: every fix while they are few, then its bends.

One pass and little memory. A fix is left out when the straight line over it runs within a
tolerance of it (the cone intersection of Williams and of Sklansky and Gonzalez) and the speed
is as before; when the points become too many, the tolerance doubles.
"""

from math import asin, atan2, cos, hypot, pi, radians

from harbor.fleet.geo import EARTH_RADIUS_METRES
from harbor.fleet.track import TrackFix

POINTS_MAX = 8_000
TOLERANCE_METRES = 6.0
TOLERANCE_METRES_MAX = 96.0
TOLERANCE_KNOTS = 0.5
EVERY_PART = 4
"""A quarter of the points come by time: a vessel at rest, too, has one now and then."""

Point = tuple[TrackFix, bool]
"""A fix, and whether there is a gap before it: such a fix always stays, and the one before."""


class Outline:
    """Add every fix, oldest first; `points` has those to draw."""

    def __init__(self, points_max: int = POINTS_MAX) -> None:
        self.tolerance_metres = 0.0
        """0: nothing was left out."""
        self._tolerance_knots = 0.0
        self._points_max = points_max
        self._points: list[Point] = []
        self._waiting: TrackFix | None = None
        self._cone = _Cone()
        self._count = 0
        self._span_s = 0.0

    def add(self, fix: TrackFix, is_gap: bool) -> None:
        self._count += 1
        self._put(fix, is_gap)
        self._span_s = fix.at_s - self._points[0][0].at_s
        if len(self._points) > self._points_max:
            self._make_room()

    @property
    def points(self) -> list[Point]:
        """The newest fix always among them."""
        waiting = [] if self._waiting is None else [(self._waiting, False)]
        return self._points + waiting

    @property
    def is_thinned(self) -> bool:
        return len(self.points) < self._count

    def _put(self, fix: TrackFix, is_gap: bool) -> None:
        if not self.tolerance_metres or not self._points:
            self._keep(fix, is_gap)
        elif is_gap:
            self._keep_waiting()
            self._keep(fix, is_gap)
        elif self._is_straight(fix):
            self._waiting = fix
        else:
            self._keep_waiting()
            self._cone.narrow(fix, self.tolerance_metres)
            self._waiting = fix

    def _is_straight(self, fix: TrackFix) -> bool:
        last = self._points[-1][0]
        if fix.at_s - last.at_s > self._span_s * EVERY_PART / self._points_max:
            return False
        if abs((fix.speed_knots or 0.0) - (last.speed_knots or 0.0)) > self._tolerance_knots:
            return False
        return self._cone.narrow(fix, self.tolerance_metres)

    def _keep_waiting(self) -> None:
        if self._waiting is not None:
            self._keep(self._waiting, False)

    def _keep(self, fix: TrackFix, is_gap: bool) -> None:
        self._points.append((fix, is_gap))
        self._waiting = None
        self._cone = _Cone(fix)

    def _make_room(self) -> None:
        """A quarter of it, or it would be made again at once. Gaps always stay."""
        wanted = self._points_max * 3 // 4
        while len(self._points) > wanted and self.tolerance_metres < TOLERANCE_METRES_MAX:
            self._coarsen()
        if len(self._points) > wanted:
            self._points_max *= 2

    def _coarsen(self) -> None:
        """Twice the tolerance, over what is left."""
        points = self.points
        self.tolerance_metres = self.tolerance_metres * 2 or TOLERANCE_METRES
        self._tolerance_knots = self._tolerance_knots * 1.5 or TOLERANCE_KNOTS
        self._points, self._waiting = [], None
        for fix, is_gap in points:
            self._put(fix, is_gap)


class _Cone:
    """The directions from a point in which a straight line passes near all fixes since."""

    __slots__ = ("_at", "_east", "_half", "_middle", "_reach")

    def __init__(self, at: TrackFix | None = None) -> None:
        self._at = at
        self._east = cos(radians(at.latitude)) if at else 1.0
        self._middle = self._half = self._reach = 0.0

    def narrow(self, fix: TrackFix, tolerance_metres: float) -> bool:
        """Take one fix more; False when it does not lie ahead."""
        assert self._at is not None
        metres = radians(1) * EARTH_RADIUS_METRES
        turned = (fix.longitude - self._at.longitude + 180) % 360 - 180
        east, north = turned * self._east * metres, (fix.latitude - self._at.latitude) * metres
        distance = hypot(east, north)
        if distance <= tolerance_metres:
            return self._reach <= 2 * tolerance_metres
        if distance < self._reach - tolerance_metres:
            return False  # she has turned back
        direction, half = atan2(east, north), asin(tolerance_metres / distance)
        if not self._reach:
            self._middle, self._half, self._reach = direction, half, distance
            return True
        off = (direction - self._middle + pi) % (2 * pi) - pi
        if abs(off) > self._half:
            return False
        low, high = max(-self._half, off - half), min(self._half, off + half)
        self._middle += (low + high) / 2
        self._half = (high - low) / 2
        self._reach = max(self._reach, distance)
        return True
