"""Twelve coastal vessels sailing round Gothenburg: where each is at any moment.

Pure: a fix depends on nothing but the vessel and the moment, so a demo that is started
again goes on as if it had never stopped. Every vessel repeats a loop of berths; the
timetable of a loop is worked out once, after that a fix is a search in it.
"""

import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import Literal

NavigationStatus = Literal["under_way_using_engine", "moored", "at_anchor"]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
METRES_PER_SECOND = 1852 / 3600  # one knot
METRES_PER_DEGREE = 111_320.0  # of latitude, on the sphere the legs were drawn on

STEP_METRES = 12.0
GATHER_WAY = 0.02  # m/s², speeding up and slowing down: 0 to 12 knots in five minutes
TURN_RATE = 0.9  # degrees a second; a vessel slows down for what it cannot turn at speed
SWING_RATE = 1.2  # degrees a second, of the bow at a berth
ROADS_STEPS = 15  # this near a berth a vessel creeps off or on sideways, by its thrusters
CREEPING_KNOTS = 3.5
HARBOUR_KNOTS = 8.0
HARBOUR_METRES = 900.0  # how near a berth that limit holds


@dataclass(frozen=True)
class DemoVessel:
    """One vessel, and the loop of berths it sails."""

    name: str
    imo_number: str
    mmsi: str
    call_sign: str
    route: tuple[str, ...]
    cruise_speed_knots: float
    loop_minutes: float
    head_start_minutes: float  # so that the fleet does not leave all at once
    lane_metres: float  # to starboard of the leg, so that tracks do not coincide
    visitor: bool = False  # never moves here: the pings of whoever tries the demo move it
    outage: bool = False  # its tracker loses contact now and then


@dataclass(frozen=True, slots=True)
class Fix:
    """What a tracker aboard would report; a vessel that lies still has no course."""

    latitude: float
    longitude: float
    speed_knots: float
    course_degrees: float | None
    heading_degrees: float
    navigation_status: NavigationStatus


@dataclass(frozen=True, slots=True)
class Berth:
    """A place to lie, and the direction of its quay."""

    name: str
    latitude: float
    longitude: float
    heading_degrees: float
    anchorage: bool = False


def fleet() -> tuple[DemoVessel, ...]:
    return fairways().vessels


def berths() -> tuple[Berth, ...]:
    return tuple(fairways().berths.values())


def fix_at(vessel: DemoVessel, moment: datetime) -> Fix:
    """Where the vessel is. Raises TypeError when the moment has no time zone."""
    elapsed_s = (moment - EPOCH).total_seconds() + vessel.head_start_minutes * 60
    return timetable(vessel).fix(elapsed_s)


@dataclass(frozen=True, slots=True)
class Row:
    """The vessel at one point of its loop. Degrees are not wrapped, to be interpolated."""

    time_s: float
    latitude: float
    longitude: float
    speed_knots: float
    course_degrees: float
    heading_degrees: float
    navigation_status: NavigationStatus  # until the next row


class Timetable:
    """One loop: rows in the order of time, the last where the first is."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._times = [row.time_s for row in rows]

    def fix(self, elapsed_s: float) -> Fix:
        time_s = elapsed_s % self._times[-1]
        after = bisect_right(self._times, time_s)
        a, b = self._rows[after - 1], self._rows[after]
        share = (time_s - a.time_s) / (b.time_s - a.time_s)
        speed_knots = a.speed_knots + share * (b.speed_knots - a.speed_knots)
        # Speed changes evenly between rows, so the way made good is a square of time.
        both = a.speed_knots + b.speed_knots
        gone = share * (a.speed_knots + speed_knots) / both if both else 0.0
        heading = a.heading_degrees + share * (b.heading_degrees - a.heading_degrees)
        course = a.course_degrees + share * (b.course_degrees - a.course_degrees)
        under_way = a.navigation_status == "under_way_using_engine"
        return Fix(
            latitude=a.latitude + gone * (b.latitude - a.latitude),
            longitude=a.longitude + gone * (b.longitude - a.longitude),
            speed_knots=speed_knots,
            course_degrees=course % 360 if under_way else None,
            heading_degrees=(heading + yaw(elapsed_s, speed_knots)) % 360,
            navigation_status=a.navigation_status,
        )


def yaw(elapsed_s: float, speed_knots: float) -> float:
    """How far the swell turns the bow off the course, in degrees; none when lying still."""
    swell = 1.4 * math.sin(elapsed_s / 5.3) + 0.8 * math.sin(elapsed_s / 2.9)
    return swell * min(1.0, speed_knots / 8)


@cache
def timetable(vessel: DemoVessel) -> Timetable:
    """Sail the legs one after the other, and share the time left over among the berths."""
    calls = [fairways().berths[name] for name in vessel.route]
    legs = [Leg.between(vessel, a, b) for a, b in pairwise([*calls, calls[0]]) if a != b]
    stay_s = (vessel.loop_minutes * 60 - sum(leg.duration_s for leg in legs)) / len(calls)
    arriving = legs[-1:] + legs[:-1]
    headings = [
        lie(berth, arrival, departure)
        for berth, arrival, departure in zip(calls, arriving, legs, strict=False)
    ] or [calls[0].heading_degrees]

    rows: list[Row] = []
    for number, berth in enumerate(calls):
        rows += stay(berth, headings[number], rows[-1] if rows else None, stay_s)
        if legs:
            rows += legs[number].sail(rows[-1], headings[(number + 1) % len(calls)])
    return Timetable(rows)


def lie(berth: Berth, arrival: "Leg", departure: "Leg") -> float:
    """Which of the two ways along the quay asks for less turning, coming and going."""

    def turning(heading: float) -> float:
        incoming, outgoing = arrival.courses[-ROADS_STEPS], departure.courses[ROADS_STEPS]
        return abs(turn(incoming, heading)) + abs(turn(heading, outgoing))

    return min(berth.heading_degrees, berth.heading_degrees + 180, key=turning)


def stay(berth: Berth, heading: float, before: Row | None, stay_s: float) -> Iterator[Row]:
    """Lying still; at anchor the bow swings a little to both sides and back."""
    start_s = before.time_s if before else 0.0
    middle = (
        before.heading_degrees + turn(before.heading_degrees, heading) if before else heading
    )
    status: NavigationStatus = "at_anchor" if berth.anchorage else "moored"
    for share in range(17):
        swing = 8 * math.sin(share / 8 * math.pi) if berth.anchorage else 0.0
        time_s = start_s + stay_s * share / 16
        place = berth.latitude, berth.longitude
        yield Row(time_s, *place, 0.0, middle, middle + swing, status)


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one berth to the next in short steps, and how fast to go at each."""

    places: Sequence[tuple[float, float]]
    courses: Sequence[float]  # not wrapped
    speeds: Sequence[float]  # metres a second
    times_s: Sequence[float]

    @property
    def duration_s(self) -> float:
        return self.times_s[-1]

    @classmethod
    def between(cls, vessel: DemoVessel, start: Berth, end: Berth) -> "Leg":
        track = fairways().legs[start.name, end.name]
        sheet = Sheet(start)
        line = to_starboard(
            in_steps([sheet.metres(*place) for place in track]), vessel.lane_metres
        )
        courses = courses_along(line)
        lengths = [math.dist(a, b) for a, b in pairwise(line)]
        speeds = sailing_speeds(lengths, courses, vessel.cruise_speed_knots * METRES_PER_SECOND)
        paces = [
            length * 2 / (a + b)
            for length, (a, b) in zip(lengths, pairwise(speeds), strict=True)
        ]
        return cls(
            [sheet.degrees(*point) for point in line],
            courses,
            speeds,
            list(accumulate(paces, initial=0.0)),
        )

    def sail(self, before: Row, berth_heading: float) -> Iterator[Row]:
        """The bow swings from the quay to the course, and to the next quay just in time."""
        heading, gone_s, last = before.heading_degrees, 0.0, len(self.courses) - 1
        for step, (place, time_s) in enumerate(zip(self.places, self.times_s, strict=True)):
            wanted = self.courses[max(ROADS_STEPS, min(step, last - ROADS_STEPS))]
            if abs(turn(heading, berth_heading)) > SWING_RATE * (self.duration_s - time_s - 30):
                wanted = berth_heading
            most = SWING_RATE * (time_s - gone_s)
            heading += max(-most, min(most, turn(heading, wanted)))
            gone_s = time_s
            yield Row(
                before.time_s + time_s,
                *place,
                self.speeds[step] / METRES_PER_SECOND,
                self.courses[step],
                heading,
                "under_way_using_engine",
            )


def sailing_speeds(
    lengths: Sequence[float], courses: Sequence[float], cruise: float
) -> list[float]:
    """The fastest that limits allow, from standstill to standstill without a jolt."""
    from_start = list(accumulate(lengths, initial=0.0))
    limits = [cruise] * len(courses)
    for step in range(1, len(lengths)):
        bend = abs(courses[step + 1] - courses[step - 1]) / (lengths[step - 1] + lengths[step])
        limits[step] = max(1.0, min(cruise, TURN_RATE / max(bend, 1e-6)))
        from_berth = min(from_start[step], from_start[-1] - from_start[step])
        if from_berth < HARBOUR_METRES:
            knots = CREEPING_KNOTS if from_berth < ROADS_STEPS * STEP_METRES else HARBOUR_KNOTS
            limits[step] = min(limits[step], knots * METRES_PER_SECOND)
    limits[0] = limits[-1] = 0.0
    slowing = gather_way(limits[::-1], lengths[::-1])[::-1]
    return gather_way(slowing, lengths)


def gather_way(limits: Sequence[float], lengths: Sequence[float]) -> list[float]:
    speeds = [limits[0]]
    for limit, length in zip(limits[1:], lengths, strict=True):
        speeds.append(min(limit, math.sqrt(speeds[-1] ** 2 + 2 * GATHER_WAY * length)))
    return speeds


Point = tuple[float, float]  # metres east and north of a berth


def in_steps(track: Sequence[Point]) -> list[Point]:
    line = [track[0]]
    for a, b in pairwise(track):
        count = math.ceil(math.dist(a, b) / STEP_METRES)
        line += [
            (a[0] + (b[0] - a[0]) * step / count, a[1] + (b[1] - a[1]) * step / count)
            for step in range(1, count + 1)
        ]
    return line


def to_starboard(line: Sequence[Point], lane_metres: float) -> list[Point]:
    """Beside the line by the lane's width, narrowing to nothing towards both berths."""
    beside = []
    for step, ((east, north), course) in enumerate(zip(line, courses_along(line), strict=True)):
        from_berth = min(step, len(line) - 1 - step) * STEP_METRES
        metres = lane_metres * max(0.0, min(1.0, (from_berth - 300) / 900))
        across = math.radians(course + 90)
        beside.append((east + metres * math.sin(across), north + metres * math.cos(across)))
    return beside


def courses_along(line: Sequence[Point]) -> list[float]:
    """The course at each point, over two steps to both sides; not wrapped at north."""
    last, courses = len(line) - 1, [0.0]
    for step in range(len(line)):
        a, b = line[max(0, step - 2)], line[min(last, step + 2)]
        bearing = math.degrees(math.atan2(b[0] - a[0], b[1] - a[1]))
        courses.append(courses[-1] + turn(courses[-1], bearing))
    return courses[1:]


def turn(start: float, end: float) -> float:
    """Degrees from one direction to another the short way: -180 to 180."""
    return (end - start + 180) % 360 - 180


class Sheet:
    """A flat sheet round one berth, on which metres are metres: good to 0.2 % in 50 km."""

    def __init__(self, middle: Berth) -> None:
        self._middle = middle
        self._east = METRES_PER_DEGREE * math.cos(math.radians(middle.latitude))

    def metres(self, latitude: float, longitude: float) -> Point:
        north = (latitude - self._middle.latitude) * METRES_PER_DEGREE
        return (longitude - self._middle.longitude) * self._east, north

    def degrees(self, east: float, north: float) -> tuple[float, float]:
        latitude = self._middle.latitude + north / METRES_PER_DEGREE
        return latitude, self._middle.longitude + east / self._east


@dataclass(frozen=True)
class Fairways:
    """What fairways.json holds. docs/basemap.md says how the legs in it were found."""

    vessels: tuple[DemoVessel, ...]
    berths: dict[str, Berth]
    legs: dict[tuple[str, str], list[tuple[float, float]]]


@cache
def fairways() -> Fairways:
    document = json.loads((files("harbor.demo") / "fairways.json").read_text("utf-8"))
    return Fairways(
        tuple(
            DemoVessel(**{**item, "route": tuple(item["route"])})
            for item in document["vessels"]
        ),
        {item["name"]: Berth(**item) for item in document["berths"]},
        {(item["from"], item["to"]): item["track"] for item in document["legs"]},
    )
