"""GET /fleet/vessels/<id>: who a vessel is, where she is now, where she was."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import render_template
from flask_login import current_user, login_required

from harbor import access
from harbor.fleet.formats import FORMATS
from harbor.fleet.geojson import in_words
from harbor.fleet.hull import together
from harbor.fleet.rhythm import freshness
from harbor.fleet.status import State, age_seconds
from harbor.fleet.vessel import Particulars
from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.first_rows import VesselRow
from harbor.fleet_web.hull import vessel_seen
from harbor.fleet_web.hull_facts import HullFacts, hull_facts
from harbor.fleet_web.kinds import KIND_WORDS
from harbor.fleet_web.map import map_settings
from harbor.fleet_web.period import LAST, LONGEST, period_asked
from harbor.fleet_web.source_words import source_words
from harbor.runtime import Runtime, running
from harbor.store import aboard, newest, static_data
from harbor.store.aboard import Aboard
from harbor.store.positions import StoredPosition
from harbor.trackers.registry import source_of
from harbor.words import _


@dataclass(frozen=True, slots=True)
class TrackerRow:
    """A tracker aboard, and how fresh its newest fix of this vessel is by its own rhythm."""

    tracker: Aboard
    state: State
    age_seconds: int | None
    source: str


@bp.get("/fleet/vessels/<uuid:vessel_id>")
@login_required  # type: ignore[untyped-decorator]  # Flask-Login has no types
def vessel_page(vessel_id: UUID) -> str:
    """404 also for another fleet's vessel; a retired one still has its page."""
    runtime = running()
    vessel = vessel_seen(runtime, access.dispatcher(), vessel_id)
    now = runtime.clock()
    period = period_asked(now)
    row, trackers, facts = _now(runtime, vessel, now)
    return render_template(
        "vessel.html",
        vessel=row,
        particulars=vessel,
        kind=_(KIND_WORDS[vessel.kind]),
        hull=facts,
        trackers=trackers,
        period=period,
        begin=in_words(period.start_at),
        end=in_words(period.end_at),
        choices=list(LAST),
        days_max=LONGEST.days,
        formats=list(FORMATS),
        owner=current_user.record.id,
        map_settings=map_settings(runtime.settings),
    )


def _now(
    runtime: Runtime, vessel: Particulars, now: datetime
) -> tuple[VesselRow, list[TrackerRow], HullFacts | None]:
    with runtime.database.session() as session:
        last = newest.of_vessel(session, vessel.id)
        newest_at = last.report.recorded_at if last else None
        trackers = aboard.trackers_of(session, vessel.fleet_id, vessel.id, newest_at)
        hulls = static_data.of_vessel(session, vessel.id)
    rows = [_tracker_row(runtime, one, now) for one in trackers]
    facts = hull_facts(together(hulls)) if hulls else None
    return _vessel_row(runtime, vessel, last, now), rows, facts


def _tracker_row(runtime: Runtime, tracker: Aboard, now: datetime) -> TrackerRow:
    age_s = age_seconds(tracker.newest_at, now) if tracker.newest_at else None
    state = freshness(age_s, tracker.interval_s, runtime.patience)
    source = source_words(tracker.source or source_of(tracker.format))
    return TrackerRow(tracker, state, age_s, source)


def _vessel_row(
    runtime: Runtime, vessel: Particulars, last: StoredPosition | None, now: datetime
) -> VesselRow:
    identity = (vessel.id, vessel.name, vessel.imo_number, vessel.mmsi, vessel.call_sign)
    if last is None:
        return VesselRow(*identity, freshness(None, None, runtime.patience))
    report = last.report
    age_s = age_seconds(report.recorded_at, now)
    return VesselRow(
        *identity,
        freshness(age_s, None, runtime.patience),
        latitude=report.latitude,
        longitude=report.longitude,
        speed_knots=report.speed_knots,
        course_degrees=report.course_degrees,
        heading_degrees=report.heading_degrees,
        recorded_at=report.recorded_at,
        age_seconds=age_s,
        source=report.source,
    )
