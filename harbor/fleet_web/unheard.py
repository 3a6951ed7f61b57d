"""The vessels that never reported, as GeoJSON: the stream's snapshot can't have them."""

from flask import Response, make_response

from harbor.access import dispatcher
from harbor.fleet import geojson
from harbor.fleet_web.blueprint import bp
from harbor.runtime import running
from harbor.store import vessels

MOST = 10_000


@bp.get("/fleet/unheard")
def unheard() -> Response:
    """By name, no more than MOST. Raises Unauthenticated, Unavailable."""
    who, runtime = dispatcher(), running()
    heard = {one.vessel_id for one in runtime.latest(who.fleet_id).read().positions}
    with runtime.database.session() as session:
        known = vessels.all_vessels(session, who.fleet_id)
    silent = [one for one in known if str(one.id) not in heard][:MOST]
    body = geojson.collection(geojson.silent_feature(one) for one in silent)
    response = make_response(body)
    response.mimetype = geojson.MEDIA_TYPE
    return response
