"""GET /fleet/vessels/<id>/sources: who reports a vessel and what they say of her hull, for the
card on the map.
"""

from math import inf
from uuid import UUID

import orjson
from flask import Response

from harbor import access
from harbor.fleet.hull import together
from harbor.fleet.report import SOURCE_IMPORT
from harbor.fleet_web.blueprint import bp
from harbor.fleet_web.hull import vessel_seen
from harbor.fleet_web.hull_facts import hull_facts
from harbor.runtime import running
from harbor.store import aboard, newest, static_data
from harbor.store.aboard import Aboard
from harbor.trackers.registry import source_of


@bp.get("/fleet/vessels/<uuid:vessel_id>/sources")
def vessel_sources(vessel_id: UUID) -> Response:
    """The ones that count more first, and of those that count alike the one heard last.

    What was imported is none of them: nobody waits for it. 404 also for another fleet's vessel.
    """
    principal, runtime = access.dispatcher(), running()
    vessel = vessel_seen(runtime, principal, vessel_id)
    with runtime.database.session() as session:
        last = newest.of_vessel(session, vessel.id)
        newest_at = last.report.recorded_at if last else None
        found = aboard.trackers_of(session, vessel.fleet_id, vessel.id, newest_at)
        hulls = static_data.of_vessel(session, vessel.id)
    live = [one for one in found if one.revoked_at is None and one.format != SOURCE_IMPORT]
    told = [_told(one) for one in sorted(live, key=_rank)]
    document = {"sources": told, "hull": hull_facts(together(hulls)) if hulls else None}
    response = Response(orjson.dumps(document), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _rank(one: Aboard) -> tuple[int, float, str]:
    return one.precedence, -one.newest_at.timestamp() if one.newest_at else inf, one.name


def _told(one: Aboard) -> dict[str, object]:
    return {
        "name": one.name,
        "source": one.source or source_of(one.format),
        "precedence": one.precedence,
        "newest_at": one.newest_at,
    }
