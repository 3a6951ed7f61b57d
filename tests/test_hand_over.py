"""From a request to the audience: what is done to the socket."""

import contextlib
import socket

import gevent.socket

from harbor.live.wish import Wish
from harbor.stream.decision import Decision
from tests.live.crowd import Visitor
from tests.live.test_audience import gather, hub, manners

__all__ = ["gather", "hub"]  # fixtures


def test_a_unix_socket_behind_a_proxy_is_handed_over_like_a_tcp_socket(hub, gather):
    mine, theirs = gevent.socket.socketpair()
    decision = Decision(gather(), Wish(), manners(), Visitor(), None)

    decision.hand_over(theirs, b"HTTP/1.1 200 OK\r\n\r\n", is_compressed=False)

    assert mine.recv(1 << 16).startswith(b"HTTP/1.1 200 OK\r\n\r\nretry: ")
    mine.close()


def test_what_a_client_goes_on_to_send_is_not_kept(hub, gather):
    with socket.create_server(("127.0.0.1", 0)) as door:
        mine = socket.create_connection(door.getsockname())
        theirs, _ = door.accept()
    accepted = gevent.socket.socket(fileno=theirs.detach())
    decision = Decision(gather(), Wish(), manners(), Visitor(), None)
    decision.hand_over(accepted, b"", is_compressed=False)

    mine.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    mine.settimeout(0.3)
    taken = 0
    with contextlib.suppress(TimeoutError):
        while taken < 1_000_000:
            taken += mine.send(b"x" * 1000)
    mine.close()

    assert taken < 60_000
