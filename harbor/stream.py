"""Blueprint /stream: who asks and what they may see; then it hands over to the hub.

The view only authorises and leaves its decision; see `harbor.hand_over`.
"""

from uuid import UUID

from flask import Blueprint, Response, request

from harbor import access
from harbor.access import Principal
from harbor.errors import Malformed, TooMany, Unavailable
from harbor.fleet.geo import parse_box
from harbor.hand_over import DECISION, PATH, Decision
from harbor.live.subscription import turned_away
from harbor.live.visit import Visit
from harbor.live.wish import Mode, Wish, kinds_of
from harbor.ops import request_id
from harbor.runtime import Runtime, running

bp = Blueprint("stream", __name__)

LAST_EVENT_ID_LENGTH_MAX = 64
RATE_SECONDS_MAX = 3600
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "Vary": "Accept-Encoding",
}


@bp.get(PATH)
def stream() -> Response:
    """The feed as text/event-stream: a snapshot, or what was missed; then what happens."""
    principal, runtime = access.reader(), running()
    wish = _wish(runtime, principal)
    audience = runtime.audience(principal.fleet_id)
    try:
        visit = _visit(runtime, principal)
    except (Unavailable, TooMany):
        if principal.kind == "key":
            raise
        # A browser's EventSource gives up for good on any status but 200.
        return Response(turned_away(), headers=HEADERS)
    decision = Decision(audience, wish, runtime.manners, visit, _last_event_id())
    request.environ[DECISION] = decision
    response = Response(decision.frames(), headers=HEADERS)
    response.call_on_close(visit.abandon)
    return response


def _visit(runtime: Runtime, principal: Principal) -> Visit:
    """Raises Unavailable when this worker is full or leaving, TooMany over one's share."""
    if runtime.is_leaving:
        raise Unavailable("This worker is leaving; another is there already.")
    settings = runtime.settings
    is_key = principal.kind == "key"
    return Visit(
        runtime.seats,
        f"{principal.kind}:{principal.id}",
        access.still_allowed(runtime, principal),
        request_id.current(),
        request.remote_addr or "",
        settings.streams_key_max if is_key else settings.streams_user_max,
    )


def _wish(runtime: Runtime, principal: Principal) -> Wish:
    """What was asked for, within what the principal may see. Raises Malformed."""
    args = request.args
    kinds = None
    if "types" in args and (kinds := kinds_of(args["types"])) is None:
        raise Malformed("types is a list of: position, late, vessel.")
    try:
        mode = Mode(args.get("mode", "latest"))
    except ValueError:
        raise Malformed("mode is latest or all.") from None
    rate_s = _rate_s(args.get("max_rate"))
    if rate_s and mode is Mode.ALL:
        raise Malformed("max_rate leaves events out, and mode=all asks for every one.")
    return Wish(
        vessel_ids=_vessel_ids(runtime, principal),
        box=parse_box(args["bbox"]) if "bbox" in args else None,
        kinds=kinds,
        mode=mode,
        rate_s=rate_s,
    )


def _rate_s(given: str | None) -> int:
    """Raises Malformed."""
    if given is None:
        return 0
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= RATE_SECONDS_MAX):
        raise Malformed("max_rate is a whole number of seconds from 1 to 3600.")
    return int(given)


def _last_event_id() -> str | None:
    last = request.headers.get("Last-Event-ID") or request.args.get("last_event_id")
    return last[:LAST_EVENT_ID_LENGTH_MAX] if last else None


def _vessel_ids(runtime: Runtime, principal: Principal) -> frozenset[str] | None:
    """The scope of the key, and of it only the vessels asked for."""
    if "vessels" not in request.args:
        return _texts(principal.vessel_ids)
    contents = runtime.directory.contents()
    asked: set[UUID] = set()
    for reference in request.args["vessels"].split(","):
        vessel_id = contents.find_vessel(principal.fleet_id, reference.strip())
        if vessel_id is None or not principal.may_see(vessel_id):
            raise Malformed(f"vessels: there is no vessel {reference.strip()[:64]!r}.")
        asked.add(vessel_id)
    return _texts(asked)


def _texts(vessel_ids: set[UUID] | frozenset[UUID] | None) -> frozenset[str] | None:
    return None if vessel_ids is None else frozenset(str(one) for one in vessel_ids)
