"""The blueprint /api/v1: who may enter, and what holds for all of its answers."""

from flask import Blueprint, Response, request

from harbor import access
from harbor.ops import rate_limit

bp = Blueprint("fleet_api", __name__, url_prefix="/api/v1")

SIGNED = {"fleet_api.post_positions", "fleet_api.ingest"}
"""The webhook has checked whose message it was; what it left has nothing to hide."""
OPEN = {"fleet_api.get_asyncapi"}
"""The same for everybody."""


@bp.before_request
def enter() -> None:
    """Only with a partner's key."""
    if request.endpoint not in SIGNED | OPEN:
        access.key_holder()


@bp.after_request
def leave(response: Response) -> Response:
    """Answers belong to one key: no cache in between may keep them."""
    if request.endpoint in OPEN:
        return response
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers.add("Vary", "Authorization")
    rate_limit.describe(response)
    return response
