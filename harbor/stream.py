"""Blueprint /stream: who asks and what they may see; then it hands over to the hub."""

import socket
from collections.abc import Iterator
from uuid import UUID

import structlog
from flask import Blueprint, Response, request

from harbor import access
from harbor.access import Principal
from harbor.errors import Malformed, Unavailable
from harbor.fleet.geo import parse_box
from harbor.live.subscription import Subscription, turned_away
from harbor.live.wish import Mode, Wish, kinds_of
from harbor.ops import request_id
from harbor.runtime import Runtime, running

log = structlog.get_logger()

bp = Blueprint("stream", __name__)

LAST_EVENT_ID_LENGTH_MAX = 64
SEND_SECONDS = 30
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}


@bp.get("/stream")
def stream() -> Response:
    """The feed as text/event-stream: a snapshot, or what was missed; then what happens."""
    principal, runtime = access.reader(), running()
    wish = _wish(runtime, principal)
    if runtime.is_leaving or runtime.streams_open >= runtime.settings.streams_max:
        return _full(principal)
    hub = runtime.hub(principal.fleet_id)
    is_allowed = access.still_allowed(runtime, principal)
    subscription = Subscription(hub, wish, runtime.manners, is_allowed, _last_event_id())
    _bound_socket()
    who = f"{principal.kind}:{principal.id}"
    return Response(_counted(runtime, subscription, who, request_id.current()), headers=HEADERS)


def _bound_socket() -> None:
    """A reader that stopped reading, or vanished, is let go; gunicorn waits for ever."""
    client = request.environ.get("gunicorn.socket")
    if client is not None:
        client.settimeout(SEND_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SEND_SECONDS * 1000)


def _counted(
    runtime: Runtime, subscription: Subscription, who: str, request: str
) -> Iterator[bytes]:
    """The frames, counted and logged; the status is out, so an error can only end it."""
    runtime.streams_open += 1
    line = log.bind(request_id=request, who=who)
    line.info("stream.opened", streams=runtime.streams_open)
    sent_bytes, reason = 0, "client_left"
    try:
        for piece in subscription.frames():
            yield piece
            sent_bytes += len(piece)
        reason = "ended"
    except Unavailable as error:
        reason = str(error)
    finally:
        runtime.streams_open -= 1
        line.info("stream.closed", reason=reason, bytes=sent_bytes)


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
    return Wish(
        vessel_ids=_vessel_ids(runtime, principal),
        box=parse_box(args["bbox"]) if "bbox" in args else None,
        kinds=kinds,
        mode=mode,
    )


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


def _full(principal: Principal) -> Response:
    """A program is told 503; a browser's EventSource would give up on it for good."""
    if principal.kind == "key":
        raise Unavailable("This worker has as many streams as it can carry.", 3)
    return Response(turned_away(), headers=HEADERS)
