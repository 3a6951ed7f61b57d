"""GET /api/v1/vessels/<id>/track: where a vessel was, as GeoJSON, for partners."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, make_response

from harbor import access
from harbor.access import Principal
from harbor.errors import Malformed, NotFound
from harbor.fleet import geojson
from harbor.fleet.vessel import Particulars
from harbor.fleet_api.blueprint import bp
from harbor.fleet_api.paging import limit_asked, link_on, place_asked, place_cursor
from harbor.fleet_api.question import moment_asked, refuse_unknown_parameters
from harbor.ops.rate_limit import api_limit, limiter
from harbor.runtime import running
from harbor.store import tracks, vessels
from harbor.store.positions import StoredPosition
from harbor.store.tracks import Place

PARAMETERS = {"from", "to", "limit", "cursor"}
SPAN_DEFAULT = timedelta(hours=24)


@bp.get("/vessels/<uuid:vessel_id>/track")
@limiter.limit(api_limit)
def get_track(vessel_id: UUID) -> Response:
    """The fixes of one vessel, the oldest first; 404 also when the key may not see it."""
    refuse_unknown_parameters(PARAMETERS)
    principal, runtime = access.key_holder(), running()
    now = runtime.clock()
    start_at, end_at = _span_asked(now)
    limit, place = limit_asked(), place_asked()
    after = Place(*place) if place else None
    with runtime.database.session() as session:
        vessel = _seen(vessels.by_ids(session, [vessel_id]).get(vessel_id), principal)
        # One more than a page has, which tells whether there is another page. Nothing is
        # recorded long after now, so nobody makes us look for it up to the year 2099.
        until = min(end_at, now + SPAN_DEFAULT)
        found = tracks.track(
            session, vessel.fleet_id, vessel.id, start_at, until, limit + 1, after
        )
    response = _geojson(vessel, start_at, end_at, found[:limit])
    if len(found) > limit:
        # Where the question left the ends to our clock, the next page must not move them.
        ends = {"from": geojson.in_words(start_at), "to": geojson.in_words(end_at)}
        last = found[limit - 1].report
        link_on(response, place_cursor(last.recorded_at, last.tracker_id), ends)
    return response


def _span_asked(now: datetime) -> tuple[datetime, datetime]:
    """`from` and `to`; without them the 24 hours until now. Raises Malformed."""
    end_at = moment_asked("to") or now
    start_at = moment_asked("from") or end_at - SPAN_DEFAULT
    if start_at >= end_at:
        raise Malformed("from must be before to; without to, that is now.")
    return start_at, end_at


def _seen(vessel: Particulars | None, principal: Principal) -> Particulars:
    """The vessel, if this key may see it. Raises NotFound."""
    if (
        vessel is None
        or vessel.is_retired
        or vessel.fleet_id != principal.fleet_id
        or not principal.may_see(vessel.id)
    ):
        raise NotFound("There is no such vessel, or this key may not see it.")
    return vessel


def _geojson(
    vessel: Particulars, start_at: datetime, end_at: datetime, found: list[StoredPosition]
) -> Response:
    points = (geojson.track_point(one.report, one.received_at) for one in found)
    members = geojson.track_members(vessel, start_at, end_at)
    response = make_response(geojson.collection(points, members))
    response.mimetype = geojson.MEDIA_TYPE
    return response
