"""GET /fleet/vessels/<id>/track: a vessel's voyage in a period, for the script of its page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

import gevent
import orjson
from flask import Response, make_response

from harbor import access
from harbor.errors import Unavailable
from harbor.fleet.berth import Berth, berth_at
from harbor.fleet.geojson import in_words
from harbor.fleet.lead import Lead
from harbor.fleet.outline import Outline, Point
from harbor.fleet.sources import by_name
from harbor.fleet.track import Figures, Gap, Stop, Track, TrackFix
from harbor.fleet.vessel import Particulars
from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.hull import vessel_seen
from harbor.fleet_web.period import Period, period_asked
from harbor.runtime import Runtime, running
from harbor.store import berths, held, standings, tracks
from harbor.store.held import Held, Wish

FIXES_AT_ONCE = 4_000
FIXES_IN_A_GO = 500
"""So many are worked through, about 8 ms, before others have their turn."""
SECONDS_MAX = 25.0
"""A proxy gives up after 30."""
DOUBTS_MAX = 500
SHARE = 3
"""Worked through at once for one person, in one worker."""


@dataclass(frozen=True, slots=True)
class NamedStop:
    """A stop, and the berth where it was."""

    stop: Stop
    berth: str | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A report in quarantine."""

    reason: str
    detail: str
    recorded_at: datetime | None
    received_at: datetime
    latitude: float | None
    longitude: float | None
    tracker: str


@dataclass(frozen=True, slots=True)
class Voyage:
    """All that the page shows of a period; with two trackers aboard, by the leading one."""

    figures: Figures
    points: Sequence[Point]
    tolerance_metres: float
    stops: Sequence[NamedStop]
    gaps: Sequence[Gap]
    doubts: Sequence[Doubt]


@bp.get("/fleet/vessels/<uuid:vessel_id>/track")
def vessel_track(vessel_id: UUID) -> Response:
    """404 also for another fleet's vessel. Raises TooMany, Unavailable."""
    principal, runtime = access.dispatcher(), running()
    vessel = vessel_seen(runtime, principal, vessel_id)
    period = period_asked(runtime.clock())
    caller = runtime.voyages.take(str(principal.id), SHARE)
    try:
        voyage = voyage_of(runtime, vessel, period)
    finally:
        runtime.voyages.give_back(caller)
    response = make_response(orjson.dumps(_document(voyage, period)))
    response.mimetype = "application/json"
    return response


def voyage_of(runtime: Runtime, vessel: Particulars, period: Period) -> Voyage:
    """Read in pages: the memory it takes does not grow with the period. Raises Unavailable."""
    with runtime.database.session() as session:
        senders = standings.of_fleet(session, vessel.fleet_id)
    track, outline, lead = Track(), Outline(), Lead(by_name(senders))
    until = monotonic() + SECONDS_MAX
    for page in fixes(runtime, vessel, period):
        for begin in range(0, len(page), FIXES_IN_A_GO):
            for fix in page[begin : begin + FIXES_IN_A_GO]:
                if lead.follows(fix):
                    outline.add(fix, track.add(fix))
            gevent.sleep(0)
        if monotonic() > until:
            raise Unavailable("Too many reports to work through at once: choose less time.")
    figures = track.finish()
    with runtime.database.session() as session:
        quays = [one.berth for one in berths.all_berths(session, vessel.fleet_id)]
        wish = Wish(vessel_id=vessel.id, recorded=(period.start_at, period.end_at))
        doubts = held.newest(session, vessel.fleet_id, wish, DOUBTS_MAX)
    return Voyage(
        figures,
        outline.points,
        outline.tolerance_metres,
        list(_named(track.stops, quays)),
        track.gaps,
        [_doubt(one) for one in doubts],
    )


def fixes(runtime: Runtime, vessel: Particulars, period: Period) -> Iterator[list[TrackFix]]:
    """All of the period in pages, the oldest first; no session is held between two."""
    after = None
    while True:
        with runtime.database.session() as session:
            page = tracks.fixes(
                session,
                vessel.fleet_id,
                vessel.id,
                period.start_at,
                period.end_at,
                FIXES_AT_ONCE,
                after,
            )
        if page:
            yield page
        if len(page) < FIXES_AT_ONCE:
            return
        after = tracks.place_of(page[-1])


def _named(stops: Sequence[Stop], quays: Sequence[Berth]) -> Iterator[NamedStop]:
    for stop in stops:
        berth = berth_at(quays, stop.latitude, stop.longitude)
        yield NamedStop(stop, berth.name if berth else None)
        gevent.sleep(0)  # a thousand berths take 0.1 ms, and a month may have 2,000 stops


def _doubt(one: Held) -> Doubt:
    return Doubt(
        one.reason,
        one.detail,
        one.recorded_at,
        one.received_at,
        one.latitude,
        one.longitude,
        one.tracker,
    )


def _document(voyage: Voyage, period: Period) -> dict[str, object]:
    """A point is a list, there are thousands: when (ms), where, how fast, whither, gap."""
    return {
        "from": in_words(period.start_at),
        "to": in_words(period.end_at),
        "figures": voyage.figures,
        "tolerance_metres": voyage.tolerance_metres,
        "points": [_point(fix, is_gap) for fix, is_gap in voyage.points],
        "stops": [
            {
                "begin_s": one.stop.begin_s,
                "end_s": one.stop.end_s,
                "latitude": one.stop.latitude,
                "longitude": one.stop.longitude,
                "unreported_s": one.stop.unreported_s,
                "berth": one.berth,
            }
            for one in voyage.stops
        ],
        "gaps": voyage.gaps,
        "doubts": voyage.doubts,
    }


def _point(fix: TrackFix, is_gap: bool) -> list[object]:
    place = round(fix.latitude, 5), round(fix.longitude, 5)
    return [round(fix.at_s * 1000), *place, fix.speed_knots, fix.course_degrees, int(is_gap)]
