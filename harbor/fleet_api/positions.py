"""The trackers' addresses as the application sees them: what the webhook left to it."""

from typing import NoReturn

from flask import Response, make_response, request
from werkzeug.exceptions import MethodNotAllowed

from harbor.errors import NotFound
from harbor.fleet_api.blueprint import bp
from harbor.fleet_api.door import methods_of
from harbor.fleet_api.webhook import FAULT, FORMATS

ANY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@bp.post("/positions")
def post_positions() -> NoReturn:
    """The webhook has answered already, except where something of ours broke."""
    fault: Exception = request.environ[FAULT]
    raise fault


@bp.route("/ingest/", methods=ANY_METHOD, provide_automatic_options=False)
@bp.route("/ingest/<word>", methods=ANY_METHOD, provide_automatic_options=False)
@bp.route("/ingest/<word>/<path:token>", methods=ANY_METHOD, provide_automatic_options=False)
def ingest(word: str = "", token: str = "") -> Response:
    """A format that nobody knows, a method that it does not have, or something of ours broke.

    What was asked for is never repeated in the answer: a secret may stand in it.
    """
    if FAULT in request.environ:
        raise request.environ[FAULT]
    formats: tuple[str, ...] = request.environ[FORMATS]
    if word not in formats:
        raise NotFound(f"There is no such format; known are {', '.join(formats)}.")
    allowed = (*methods_of(word), "OPTIONS")
    if request.method != "OPTIONS":
        raise MethodNotAllowed(allowed)
    return make_response("", 204, {"Allow": ", ".join(allowed)})
