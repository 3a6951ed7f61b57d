"""Every answer carries X-Request-ID, and so does every log line of its request."""

import re
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

HEADER = "X-Request-ID"
_PLAIN = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")


def install(app: Flask, *, is_trusted: bool) -> None:
    """Take the proxy's id when there is one in front, else make one."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(HEADER, "") if is_trusted else ""
        g.request_id = given if _PLAIN.match(given) else uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = current()
        return response


def current() -> str:
    """The id of the request at hand."""
    return str(g.get("request_id", ""))
