"""GET /fleet/alerts: what was raised lately, for a page that has just been opened."""

from datetime import timedelta

from flask import Response

from harbor import access
from harbor.fleet import geojson
from harbor.fleet_web.blueprint import bp
from harbor.runtime import running
from harbor.store import alerts, vessels

LATELY = timedelta(hours=24)
ALERTS_MAX = 200


@bp.get("/fleet/alerts")
def fleet_alerts() -> Response:
    """GeoJSON as on the stream, the newest first."""
    principal, runtime = access.dispatcher(), running()
    since_at = runtime.clock() - LATELY
    with runtime.database.session() as session:
        raised = alerts.since(session, principal.fleet_id, since_at, ALERTS_MAX)
        concerned = [one.alert.vessel_id for one in raised if one.alert.vessel_id]
        known = vessels.by_ids(session, concerned)
    response = Response(geojson.alerts(raised, known), mimetype=geojson.MEDIA_TYPE)
    response.headers["Cache-Control"] = "private, no-store"
    return response
