"""GET /api/v1/alerts: calls for help, for a partner who may have missed one on the feed."""

from datetime import timedelta

from flask import Response, make_response

from harbor import access
from harbor.fleet import geojson
from harbor.fleet_api.blueprint import bp
from harbor.fleet_api.paging import limit_asked, link_on, place_asked, place_cursor
from harbor.fleet_api.question import moment_asked, refuse_unknown_parameters
from harbor.ops.rate_limit import api_limit, limiter
from harbor.runtime import running
from harbor.store import alerts, vessels

PARAMETERS = {"from", "limit", "cursor"}
SPAN_DEFAULT = timedelta(hours=24)


@bp.get("/alerts")
@limiter.limit(api_limit)
def list_alerts() -> Response:
    """GeoJSON as on the stream, the oldest first, of what came in from a moment on.

    A key for some vessels hears of no other vessel's, as on the stream.
    """
    refuse_unknown_parameters(PARAMETERS)
    principal, runtime = access.key_holder(), running()
    start_at = moment_asked("from") or runtime.clock() - SPAN_DEFAULT
    limit, place = limit_asked(), place_asked()
    with runtime.database.session() as session:
        found = alerts.after(
            session,
            principal.fleet_id,
            start_at,
            limit + 1,  # one more than a page has tells whether there is another
            vessel_ids=principal.vessel_ids,
            place=place,
        )
        concerned = [one.alert.vessel_id for one in found if one.alert.vessel_id]
        known = vessels.by_ids(session, concerned)
    response = make_response(geojson.alerts(found[:limit], known))
    response.mimetype = geojson.MEDIA_TYPE
    if len(found) > limit:
        last = found[limit - 1]
        cursor = place_cursor(last.alert.received_at, last.id)
        link_on(response, cursor, {"from": geojson.in_words(start_at)})
    return response
