"""From a request to the audience: what is done to the socket."""

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
