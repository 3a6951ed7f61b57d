"""WSGI: from a request to the hub, by the raw socket.

gunicorn's side of it: `StopIteration` out of the application means "close this connection"
to its asynchronous worker, which then writes nothing and forgets a socket that is no longer
its own. No greenlet, request or parser stays behind, and no slot of the worker's.

A program with a key does not go through Flask at all: thousands may come back at once. See
docs/decisions/0007-streams-leave-the-web-server.md.
"""

from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson

from harbor import access, problems
from harbor.errors import HarborError
from harbor.live.subscription import turned_away
from harbor.ops import request_id
from harbor.runtime import Runtime
from harbor.stream.decision import Decision, GreenSocket, Leaving, Question, decide

DECISION = "harbor.stream"
FAULT = "harbor.fault"
PATH = "/stream"
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "Vary": "Accept-Encoding",
}
SAFE = {"X-Content-Type-Options": "nosniff"}

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class HandedOver(StopIteration):
    """Not an error: the connection is no longer the web server's."""


class HandOver:
    """Carries decisions out where gunicorn gives its socket; else changes nothing."""

    def __init__(self, application: Application, runtime: Runtime) -> None:
        self._application = application
        self._runtime = runtime
        self._is_proxy_trusted = runtime.settings.proxies > 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        client = plain_socket(environ) if environ["PATH_INFO"] == PATH else None
        if client is None:
            return self._application(environ, start_response)
        if "HTTP_AUTHORIZATION" in environ:
            return self._let_in(environ, start_response, client)
        return self._ask(environ, start_response, client)

    def _let_in(
        self, environ: Environ, start_response: StartResponse, client: GreenSocket
    ) -> Iterable[bytes]:
        """A program: authorised here, answered here when it is refused."""
        given_id = environ.get("HTTP_X_REQUEST_ID", "") if self._is_proxy_trusted else ""
        known_as = request_id.begin(given_id)
        headers = [*HEADERS.items(), *SAFE.items(), (request_id.HEADER, known_as)]
        try:
            principal = access.partner(self._runtime, environ["HTTP_AUTHORIZATION"])
            decision = decide(self._runtime, principal, question_of(environ, known_as))
        except Leaving:
            start_response("200 OK", [*headers])
            return (turned_away("leaving"),)
        except HarborError as refusal:
            return _refuse(refusal, start_response, known_as)
        except Exception as fault:  # noqa: BLE001 - the application raises it and answers 500
            environ[FAULT] = fault
            environ[request_id.ENVIRON_KEY] = known_as
            return self._application(environ, start_response)
        carry_out(decision, client, environ, "200 OK", headers)
        raise HandedOver

    def _ask(
        self, environ: Environ, start_response: StartResponse, client: GreenSocket
    ) -> Iterable[bytes]:
        """A person: the view decides, and its headers go out with the stream."""
        said: list[tuple[str, Headers]] = []

        def listen_in(status: str, headers: Headers, exc_info: object = None) -> Any:
            said.append((status, headers))
            return start_response(status, headers, exc_info)

        answer = self._application(environ, listen_in)
        decision: Decision | None = environ.pop(DECISION, None)
        if decision is None:
            return answer
        if not said[-1][0].startswith("200"):  # something failed behind the view
            decision.visit.end("failed", 0)
            return answer
        carry_out(decision, client, environ, *said[-1])
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        raise HandedOver


def question_of(environ: Environ, known_as: str) -> Question:
    """As the view reads it: of a name that comes twice the first value counts."""
    pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return Question(
        dict(reversed(pairs)),
        environ.get("HTTP_LAST_EVENT_ID"),
        environ.get("REMOTE_ADDR", ""),
        known_as,
    )


def carry_out(
    decision: Decision, client: GreenSocket, environ: Environ, status: str, headers: Headers
) -> None:
    """Give the socket to the audience, with the answer's head for its first bytes."""
    is_compressed = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    head = head_of(status, headers, is_compressed=is_compressed)
    try:
        decision.hand_over(client, head, is_compressed=is_compressed)
    except BaseException:
        decision.visit.end("failed", 0)
        raise


def plain_socket(environ: Environ) -> GreenSocket | None:
    """The client's TCP or Unix socket, unless TLS or HTTP/2 stands between."""
    client = environ.get("gunicorn.socket")
    is_plain = type(client) is GreenSocket and environ.get("HTTP_VERSION") != "2"
    is_get = environ["REQUEST_METHOD"] == "GET"
    return cast("GreenSocket", client) if is_plain and is_get else None


def accepts_gzip(accept_encoding: str) -> bool:
    """RFC 9110 section 12.5.3, as far as gzip goes: named, and not with q=0."""
    for offer in accept_encoding.split(","):
        name, _, weight = offer.replace(" ", "").partition(";q=")
        if name.lower() in {"gzip", "x-gzip"}:
            return weight == "" or weight.rstrip("0.") != ""
    return False


def head_of(status: str, headers: Headers, *, is_compressed: bool) -> bytes:
    """The answer's head; its body ends with the connection (RFC 9112 section 6.3)."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Date: {formatdate(usegmt=True)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers),
    ]
    if is_compressed:
        lines.append("Content-Encoding: gzip")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _refuse(
    refusal: HarborError, start_response: StartResponse, known_as: str
) -> Iterable[bytes]:
    problem = problems.problem_of(refusal)
    content = orjson.dumps(problem.document(), option=orjson.OPT_APPEND_NEWLINE)
    headers = (
        SAFE
        | problem.headers()
        | {
            "Content-Type": problems.MEDIA_TYPE,
            "Content-Length": str(len(content)),
            request_id.HEADER: known_as,
        }
    )
    start_response(f"{problem.status} {problem.title}", [*headers.items()])
    return (content,)
