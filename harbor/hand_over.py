"""From a request to the hub: the raw socket where there is one, else a generator.

gunicorn's side of it: `StopIteration` out of the application means "close this connection"
to its asynchronous worker, which then writes nothing and forgets a socket that is no longer
its own. No greenlet, request or parser stays behind, and no slot of the worker's.
"""

import _socket
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, cast

import gevent.socket

from harbor.errors import Unavailable
from harbor.live.audience import Audience
from harbor.live.reading import Manners, Reading
from harbor.live.subscription import Subscription
from harbor.live.visit import Visit
from harbor.live.wish import Wish

DECISION = "harbor.stream"
PATH = "/stream"

GreenSocket = gevent.socket.socket
Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class HandedOver(StopIteration):
    """Not an error: the connection is no longer the web server's."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the view has decided: who listens, to what, and from where on."""

    audience: Audience
    wish: Wish
    manners: Manners
    visit: Visit
    last_event_id: str | None

    def frames(self) -> Iterator[bytes]:
        """The stream as a generator; whoever pulls it ends the visit by closing it."""
        hub, sent_bytes = self.audience.hub, 0
        reading = Reading(hub, self.wish, self.manners)
        stream = Subscription(reading, self.manners, self.visit.is_allowed, self.last_event_id)
        hub.readers += 1
        try:
            for piece in stream.frames():
                yield piece
                sent_bytes += len(piece)
        except Unavailable as error:
            stream.end_reason = str(error)  # the status is out, so an error can only end it
        finally:
            hub.readers -= 1
            self.visit.end(stream.end_reason, sent_bytes)

    def hand_over(self, client: GreenSocket, head: bytes, *, is_compressed: bool) -> None:
        """Everything is read before the socket is taken: what can fail still answers."""
        reading = Reading(self.audience.hub, self.wish, self.manners)
        opening = reading.opening(self.last_event_id)
        plain = _socket.socket(fileno=client.detach())
        plain.setblocking(False)
        patience_ms = round(self.manners.stalled_s * 1000)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience_ms)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.manners.send_buffer_bytes)
        self.visit.is_handed_over = True
        self.audience.admit(
            plain, head, opening, reading, self.visit, is_compressed=is_compressed
        )


class HandOver:
    """WSGI: carries out a decision where gunicorn gives its socket; else changes nothing."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        client = plain_socket(environ) if environ["PATH_INFO"] == PATH else None
        if client is None:
            return self._application(environ, start_response)
        said: list[tuple[str, Headers]] = []

        def listen_in(status: str, headers: Headers, exc_info: object = None) -> Any:
            said.append((status, headers))
            return start_response(status, headers, exc_info)

        answer = self._application(environ, listen_in)
        decision: Decision | None = environ.pop(DECISION, None)
        if decision is None:
            return answer
        self._carry_out(decision, client, environ, *said[-1])
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        raise HandedOver

    def _carry_out(
        self,
        decision: Decision,
        client: GreenSocket,
        environ: Environ,
        status: str,
        headers: Headers,
    ) -> None:
        is_compressed = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        head = head_of(status, headers, is_compressed=is_compressed)
        try:
            decision.hand_over(client, head, is_compressed=is_compressed)
        except BaseException:
            decision.visit.end("failed", 0)
            raise


def plain_socket(environ: Environ) -> gevent.socket.socket | None:
    """The client's TCP or Unix socket, unless TLS or HTTP/2 stands between."""
    client = environ.get("gunicorn.socket")
    is_plain = type(client) is gevent.socket.socket and environ.get("HTTP_VERSION") != "2"
    is_get = environ["REQUEST_METHOD"] == "GET"
    return cast("gevent.socket.socket", client) if is_plain and is_get else None


def accepts_gzip(accept_encoding: str) -> bool:
    """RFC 9110 section 12.5.3, as far as gzip goes: named, and not with q=0."""
    for offer in accept_encoding.split(","):
        name, _, weight = offer.replace(" ", "").partition(";q=")
        if name.lower() in {"gzip", "x-gzip"}:
            return weight.rstrip("0.") != "" or weight == ""
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
