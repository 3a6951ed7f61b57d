"""The rows of the list that are there before any script runs, and how many there are in all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from harbor.fleet.geojson import moment_of
from harbor.fleet.status import Patience, State, age_seconds, state_of
from harbor.fleet.vessel import Particulars
from harbor.live.event import Placed
from harbor.runtime import Runtime
from harbor.store import vessels

ROWS = 60
"""More than a tall screen shows; the snapshot of the stream brings the others."""


@dataclass(frozen=True, slots=True)
class VesselRow:
    """One row of the list; None is shown as unknown."""

    id: UUID
    name: str
    imo_number: str | None
    mmsi: str | None
    call_sign: str | None
    state: State
    latitude: float | None = None
    longitude: float | None = None
    speed_knots: float | None = None
    course_degrees: float | None = None
    heading_degrees: float | None = None
    recorded_at: datetime | None = None
    age_seconds: int | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class FirstRows:
    """A page of the list by name, and what is said of the whole fleet."""

    vessels: tuple[VesselRow, ...]
    page: int
    total: int
    counts: Counter[State]
    unheard: int
    """Vessels that never reported: no snapshot has them."""

    @property
    def first(self) -> int:
        return ROWS * (self.page - 1) + 1

    @property
    def last(self) -> int:
        return self.first + len(self.vessels) - 1

    @property
    def are_unheard_left_out(self) -> bool:
        shown = sum(row.recorded_at is None for row in self.vessels)
        return self.unheard > shown


def read_first_rows(runtime: Runtime, fleet_id: UUID, page: int) -> FirstRows:
    """A page of the list, those that never reported too. Raises Unavailable."""
    now = runtime.clock()
    positions = runtime.latest(fleet_id).read().positions
    with runtime.database.session() as session:
        known = vessels.by_name(session, fleet_id, ROWS, ROWS * (page - 1))
        total = vessels.count(session, fleet_id)
    asked = {str(vessel.id) for vessel in known}
    latest = {one.vessel_id: one for one in positions if one.vessel_id in asked}
    rows = tuple(_row(one, latest.get(str(one.id)), now, runtime.patience) for one in known)
    unheard = max(0, total - len(positions))
    counts = _states(positions, now, runtime.patience)
    counts[State.SILENT] += unheard
    return FirstRows(rows, page, total, counts, unheard)


def _states(positions: Sequence[Placed], now: datetime, patience: Patience) -> Counter[State]:
    ages = (age_seconds(moment_of(one.recorded_us), now) for one in positions)
    return Counter(state_of(age_s, patience) for age_s in ages)


def _row(
    vessel: Particulars, placed: Placed | None, now: datetime, patience: Patience
) -> VesselRow:
    identity = (vessel.id, vessel.name, vessel.imo_number, vessel.mmsi, vessel.call_sign)
    if placed is None:
        return VesselRow(*identity, state_of(None, patience))
    recorded_at = moment_of(placed.recorded_us)
    age_s = age_seconds(recorded_at, now)
    reported = orjson.loads(placed.feature)["properties"]
    return VesselRow(
        *identity,
        state_of(age_s, patience),
        latitude=placed.latitude,
        longitude=placed.longitude,
        speed_knots=reported["speed_knots"],
        course_degrees=reported["course_degrees"],
        heading_degrees=reported["heading_degrees"],
        recorded_at=recorded_at,
        age_seconds=age_s,
        source=reported["source"],
    )
