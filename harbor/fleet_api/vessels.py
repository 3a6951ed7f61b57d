"""GET /api/v1/vessels: the fleet as GeoJSON, for partners."""

import hashlib
from collections.abc import Sequence

from flask import Response, make_response, request

from harbor import access
from harbor.access import Principal
from harbor.errors import NotFound
from harbor.fleet import geojson
from harbor.fleet.geo import parse_box
from harbor.fleet_api.blueprint import bp
from harbor.fleet_api.paging import cursor_asked, limit_asked, link_next
from harbor.fleet_api.question import refuse_unknown_parameters
from harbor.live.event import Placed
from harbor.live.latest import Latest
from harbor.ops.rate_limit import api_limit, limiter
from harbor.runtime import Runtime, running
from harbor.store import vessels

AGES_HOLD_SECONDS = 30
PARAMETERS = {"bbox", "limit", "cursor"}


@bp.get("/vessels")
@limiter.limit(api_limit)
def list_vessels() -> Response:
    """The newest position of each vessel, by id; those that never reported have none."""
    refuse_unknown_parameters(PARAMETERS)
    principal, runtime = access.key_holder(), running()
    limit, cursor = limit_asked(), cursor_asked()
    box = parse_box(request.args["bbox"]) if "bbox" in request.args else None
    etag = _etag(runtime, principal)
    if etag and request.if_none_match.contains_weak(etag):
        return _not_modified(etag)
    features = _features(runtime, principal)
    if box is not None:
        inside = {p.vessel_id for p in features.placed if box.contains(p.latitude, p.longitude)}
    else:
        inside = set(features.by_id)
    ids = sorted(vessel_id for vessel_id in inside if vessel_id > cursor)
    page = ids[:limit]
    response = _geojson(geojson.collection(features.by_id[vessel_id] for vessel_id in page))
    if len(ids) > limit:
        link_next(response, page[-1])
    if features.feed_id is not None:
        response.set_etag(_digest(runtime, principal, features.feed_id), weak=True)
    return response


@bp.get("/vessels/<uuid:vessel_id>")
@limiter.limit(api_limit)
def get_vessel(vessel_id: object) -> Response:
    """One vessel; 404 also when the key may not see it."""
    principal, runtime = access.key_holder(), running()
    feature = _features(runtime, principal).by_id.get(str(vessel_id))
    if feature is None:
        raise NotFound("There is no such vessel, or this key may not see it.")
    return _geojson(feature)


class Features:
    """Every vessel that a key may see, as a feature as of now."""

    def __init__(
        self, by_id: dict[str, bytes], placed: Sequence[Placed], feed_id: str | None
    ) -> None:
        self.by_id = by_id
        self.placed = placed
        self.feed_id = feed_id


def _features(runtime: Runtime, principal: Principal) -> Features:
    now = runtime.clock()
    latest: Latest = runtime.latest(principal.fleet_id).read()
    with runtime.database.session() as session:
        known = {
            str(one.id): one
            for one in vessels.all_vessels(session, principal.fleet_id)
            if principal.may_see(one.id)
        }
    placed = [one for one in latest.positions if one.vessel_id in known]
    by_id = {vessel_id: geojson.silent_feature(one) for vessel_id, one in known.items()}
    for one in placed:
        by_id[one.vessel_id] = geojson.refreshed(
            one.feature, one.recorded_us, now, runtime.patience
        )
    return Features(by_id, placed, latest.feed_id)


def _etag(runtime: Runtime, principal: Principal) -> str | None:
    feed_id = runtime.latest(principal.fleet_id).feed_id()
    return None if feed_id is None else _digest(runtime, principal, feed_id)


def _digest(runtime: Runtime, principal: Principal, feed_id: str) -> str:
    """Changes with the feed, the question, what the key may see, and every half minute.

    Weak, because ages go on; bounded, because a vessel that falls silent is news.
    """
    half_minute = int(runtime.clock().timestamp() // AGES_HOLD_SECONDS)
    scope = sorted(str(one) for one in principal.vessel_ids or ())
    parts = (
        feed_id,
        str(half_minute),
        request.query_string.decode("latin-1"),
        repr(principal.vessel_ids and scope),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _not_modified(etag: str) -> Response:
    response = make_response(b"", 304)
    response.set_etag(etag, weak=True)
    return response


def _geojson(body: bytes) -> Response:
    response = make_response(body)
    response.mimetype = geojson.MEDIA_TYPE
    return response
