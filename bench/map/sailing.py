"""`python -m bench.map.sailing`: every vessel's position once a second, until it is ended.

A process of its own beside the server, started by `bench.map`. It goes through the feed as a
worker does after its commit; what it takes to get there is measured by `bench.ingest`.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import cos, radians, sin
from uuid import UUID, uuid4

from bench.installation import quiet
from harbor import create_app
from harbor.fleet import geojson
from harbor.fleet.report import PositionReport
from harbor.fleet.status import Patience
from harbor.fleet.vessel import Particulars
from harbor.live.event import Placed, place
from harbor.live.feed import Change, Feed, How
from harbor.runtime import Runtime

BATCH = 200
"""As many as one commit publishes under load."""
PATIENCE = Patience(180, 900)


@dataclass(slots=True)
class Vessel:
    """A vessel and where she is."""

    particulars: Particulars
    latitude: float
    longitude: float
    speed_knots: float
    course_degrees: float

    def sail(self, seconds: float, dice: random.Random) -> None:
        self.course_degrees = (self.course_degrees + dice.gauss(0, 3)) % 360
        course, miles = radians(self.course_degrees), self.speed_knots * seconds / 3600
        self.latitude += miles / 60 * cos(course)
        self.longitude += miles / 60 * sin(course) / cos(radians(self.latitude))


def main() -> None:
    """Settings, fleet and vessels come as JSON on standard input."""
    told = json.load(sys.stdin)
    app = create_app(quiet(told["settings"]))
    runtime: Runtime = app.extensions["harbor"]
    dice = random.Random(1852)
    fleet_id = UUID(told["fleet_id"])
    vessels = [afloat(dice, fleet_id, *one) for one in told["vessels"]]
    for late_s in voyage(runtime.feed(fleet_id), vessels, dice):
        print(f"{late_s:.3f}", flush=True)


def afloat(dice: random.Random, fleet_id: UUID, vessel_id: str, name: str) -> Vessel:
    """Somewhere in the Skagerrak, the Kattegat or the Baltic's mouth; one in six at rest."""
    speed_knots = 0.0 if dice.random() < 1 / 6 else dice.uniform(4, 20)
    return Vessel(
        Particulars(UUID(vessel_id), fleet_id, name),
        dice.uniform(56.6, 58.4),
        dice.uniform(9.6, 12.4),
        speed_knots,
        dice.uniform(0, 360),
    )


def voyage(feed: Feed, vessels: list[Vessel], dice: random.Random) -> Iterator[float]:
    """Spread over each second; yields by how much the second was too short."""
    begin = time.monotonic()
    turn = 0
    while True:
        for at in range(0, len(vessels), BATCH):
            due = begin + turn + at / len(vessels)
            time.sleep(max(0.0, due - time.monotonic()))
            batch = vessels[at : at + BATCH]
            feed.publish(uuid4(), [Change(How.POSITION, placed(one, dice)) for one in batch])
        turn += 1
        late_s = max(0.0, time.monotonic() - begin - turn)
        begin += late_s  # what could not be kept is not made up for by haste
        yield late_s


def placed(vessel: Vessel, dice: random.Random) -> Placed:
    vessel.sail(1, dice)
    now = datetime.now(UTC)
    report = PositionReport(
        vessel.particulars.fleet_id,
        vessel.particulars.id,
        vessel.particulars.id,
        now,
        latitude=round(vessel.latitude, 6),
        longitude=round(vessel.longitude, 6),
        speed_knots=round(vessel.speed_knots, 1),
        course_degrees=round(vessel.course_degrees, 1),
        heading_degrees=round(vessel.course_degrees),
    )
    return place(report, geojson.feature(report, now, vessel.particulars, now, PATIENCE))


if __name__ == "__main__":
    main()
