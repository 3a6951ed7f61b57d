"""GET /fleet/berths: the fleet's berths as GeoJSON, for the pages' scripts."""

from flask import Response, make_response

from harbor import access
from harbor.fleet import geojson
from harbor.fleet_web.blueprint import bp
from harbor.runtime import running
from harbor.store import berths


@bp.get("/fleet/berths")
def fleet_berths() -> Response:
    """By name."""
    principal = access.dispatcher()
    with running().database.session() as session:
        found = berths.all_berths(session, principal.fleet_id)
    points = (geojson.berth(one.id, one.berth) for one in found)
    response = make_response(geojson.collection(points))
    response.mimetype = geojson.MEDIA_TYPE
    return response
