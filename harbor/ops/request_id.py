"""Every answer carries X-Request-ID, and so does every log line of its request."""

import re
from contextvars import ContextVar
from random import getrandbits
from typing import TYPE_CHECKING

from structlog.typing import EventDict

if TYPE_CHECKING:
    from flask import Flask, Response

HEADER = "X-Request-ID"
ENVIRON_KEY = "harbor.request_id"
_PLAIN = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")
_current: ContextVar[str] = ContextVar("harbor_request_id", default="")


def begin(given: str) -> str:
    """Start a request under the proxy's id where there is a plain one, else under a new one."""
    begun = given if given and _PLAIN.match(given) else new()
    _current.set(begun)
    return begun


def new() -> str:
    """32 hexadecimal digits, another in every worker: the generator is seeded after a fork."""
    return f"{getrandbits(128):032x}"


def current() -> str:
    """The id of the request at hand; empty outside of one."""
    return _current.get()


def add(_: object, __: str, event: EventDict) -> EventDict:
    """A processor of structlog: the id of the request that the line is about."""
    begun = _current.get()
    if begun:
        event.setdefault("request_id", begun)
    return event


def install(app: "Flask", *, is_trusted: bool) -> None:
    """Take the proxy's id when there is one in front, else make one.

    Flask is imported here, not above: the gateway logs too, on boxes that serve nothing.
    """
    from flask import request

    @app.before_request
    def begin_request() -> None:
        if ENVIRON_KEY not in request.environ:  # else the webhook began it
            begin(request.headers.get(HEADER, "") if is_trusted else "")

    @app.after_request
    def end(response: "Response") -> "Response":
        response.headers[HEADER] = current()
        return response
