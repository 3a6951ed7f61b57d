"""The blueprint /api/v1: who may enter, and what holds for all of its answers."""

from flask import Blueprint, Response, g, request

from harbor import access
from harbor.fleet_api.body import read_body
from harbor.ops import rate_limit

bp = Blueprint("fleet_api", __name__, url_prefix="/api/v1")

SIGNED = {"fleet_api.post_positions"}


@bp.before_request
def enter() -> None:
    """A tracker's signature on the raw bytes, before anything is parsed; else a key."""
    if request.endpoint in SIGNED:
        g.body = read_body()
        g.tracker = access.signing_tracker(g.body)
    else:
        access.key_holder()


@bp.after_request
def leave(response: Response) -> Response:
    """Answers belong to one key: no cache in between may keep them."""
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers.add("Vary", "Authorization")
    rate_limit.describe(response)
    return response
