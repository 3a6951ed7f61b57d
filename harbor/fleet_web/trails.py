"""GET /fleet/trails: where the vessels on the map have just been, for the page's scripts."""

from datetime import timedelta
from uuid import UUID

import orjson
from flask import Response, request

from harbor import access
from harbor.errors import Malformed
from harbor.fleet.geojson import in_words
from harbor.fleet.identity import harbor_id
from harbor.fleet_web.blueprint import bp
from harbor.runtime import running
from harbor.store import trails
from harbor.store.trails import Span, Trail

MINUTES_DEFAULT, MINUTES_MAX = 30, 120
DIGITS_MAX = 3


@bp.get("/fleet/trails")
def fleet_trails() -> Response:
    """Thinned fixes of the last minutes, the oldest first, and each tracker's rhythm."""
    principal, runtime = access.dispatcher(), running()
    back, vessel_id = timedelta(minutes=_minutes_asked()), _vessel_asked()
    with runtime.database.session() as session:
        span = trails.span_of(session, principal.fleet_id, runtime.clock(), back, vessel_id)
        found = list(trails.of_fleet(session, principal.fleet_id, span, vessel_id))
    response = Response(_document(span, found), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _minutes_asked() -> int:
    """Raises Malformed."""
    given = request.args.get("minutes", str(MINUTES_DEFAULT))
    minutes = int(given) if given.isdecimal() and len(given) <= DIGITS_MAX else 0
    if not 1 <= minutes <= MINUTES_MAX:
        raise Malformed(f"minutes must be a whole number from 1 to {MINUTES_MAX}.")
    return minutes


def _vessel_asked() -> UUID | None:
    """Raises Malformed."""
    given = request.args.get("vessel")
    if given is None:
        return None
    vessel_id = harbor_id(given)
    if vessel_id is None:
        raise Malformed("vessel must be the Harbor id of a vessel.")
    return vessel_id


def _document(span: Span, found: list[Trail]) -> bytes:
    return orjson.dumps(
        {
            "from": in_words(span.start_at),
            "to": in_words(span.end_at),
            "step_s": span.step.total_seconds(),
            "vessels": {
                one.vessel_id: {
                    "interval_s": one.interval_s,
                    # PostgreSQL has written them: 40,000 fixes as objects would hold up
                    # everybody else's requests for a quarter of a second.
                    "fixes": orjson.Fragment(f"[{one.fixes}]"),
                }
                for one in found
            },
        }
    )
