"""The live map: rendered with the newest positions, then kept by the stream."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from flask import render_template
from flask_login import current_user, login_required

from harbor.config import Settings
from harbor.fleet.geojson import moment_of
from harbor.fleet.status import State, age_seconds, state_of
from harbor.fleet.vessel import Particulars
from harbor.fleet_web.blueprint import bp
from harbor.live.event import Placed
from harbor.runtime import Runtime, running
from harbor.store import vessels
from harbor.store.users import UserRecord


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
class Home:
    """Where the map opens."""

    latitude: float
    longitude: float
    zoom: float


@dataclass(frozen=True, slots=True)
class MapSettings:
    """What the page's scripts must know of the settings."""

    tile_url: str
    tile_attribution: str
    tile_max_zoom: int
    home: Home
    late_after_s: int
    silent_after_s: int
    basemap: bool


@bp.get("/fleet/map")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def fleet_map() -> str:
    record: UserRecord = current_user.record
    runtime = running()
    rows = _rows(runtime, record.fleet_id)
    return render_template(
        "map.html",
        vessels=rows,
        counts=Counter(str(row.state) for row in rows),
        map_settings=map_settings(runtime.settings),
    )


def map_settings(settings: Settings) -> MapSettings:
    latitude, longitude, zoom = (float(part) for part in settings.map_home.split(","))
    return MapSettings(
        tile_url=settings.tile_url,
        tile_attribution=settings.tile_attribution,
        tile_max_zoom=settings.tile_max_zoom,
        home=Home(latitude, longitude, zoom),
        late_after_s=settings.late_after_s,
        silent_after_s=settings.silent_after_s,
        basemap=not settings.tile_url,
    )


def _rows(runtime: Runtime, fleet_id: UUID) -> list[VesselRow]:
    """Every vessel by name, those that never reported too. Raises Unavailable."""
    now = runtime.clock()
    latest = {one.vessel_id: one for one in runtime.latest(fleet_id).read().positions}
    with runtime.database.session() as session:
        known = vessels.all_vessels(session, fleet_id)
    return [_row(runtime, vessel, latest.get(str(vessel.id)), now) for vessel in known]


def _row(
    runtime: Runtime, vessel: Particulars, placed: Placed | None, now: datetime
) -> VesselRow:
    identity = (vessel.id, vessel.name, vessel.imo_number, vessel.mmsi, vessel.call_sign)
    if placed is None:
        return VesselRow(*identity, state_of(None, runtime.patience))
    recorded_at = moment_of(placed.recorded_us)
    age_s = age_seconds(recorded_at, now)
    reported = orjson.loads(placed.feature)["properties"]
    return VesselRow(
        *identity,
        state_of(age_s, runtime.patience),
        latitude=placed.latitude,
        longitude=placed.longitude,
        speed_knots=reported["speed_knots"],
        course_degrees=reported["course_degrees"],
        heading_degrees=reported["heading_degrees"],
        recorded_at=recorded_at,
        age_seconds=age_s,
        source=reported["source"],
    )
