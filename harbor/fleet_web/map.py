"""The live map: rendered with the newest positions, then kept by the stream."""

from dataclasses import dataclass

from flask import render_template, request
from flask_login import current_user, login_required

from harbor.config import Settings
from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.first_rows import read_first_rows
from harbor.runtime import running
from harbor.store.users import UserRecord

PAGES_MAX = 10_000
"""Of the plain list, for browsers without scripts; what lies beyond is an empty page."""


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
    page = request.args.get("page", default=1, type=int)
    rows = read_first_rows(runtime, record.fleet_id, min(max(1, page), PAGES_MAX))
    settings = map_settings(runtime.settings)
    return render_template("map.html", rows=rows, map_settings=settings)


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
