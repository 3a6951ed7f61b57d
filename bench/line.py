"""A keep-alive connection with at most one request on its way, on a raw socket."""

import re
import socket
from dataclasses import dataclass

SEND_BUFFER_BYTES = 1_048_576
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, and when its request was due (perf_counter seconds)."""

    status: int
    due_at: float
    body: bytes


class Line:
    """Not for pipelining: send, wait until `read` returns an answer, send again."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.socket.setblocking(False)
        self._due_at = 0.0
        self._came = b""

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, request: bytes, due_at: float) -> None:
        self._due_at = due_at
        if self.socket.send(request) != len(request):
            raise RuntimeError("a request did not fit into the socket's buffer")

    def read(self) -> Answer | None:
        """The answer, once it is whole."""
        piece = self.socket.recv(65_536)
        if not piece:
            raise ConnectionError("the server closed a connection that was in use")
        self._came += piece
        head_ends = self._came.find(b"\r\n\r\n")
        if head_ends < 0:
            return None
        length = _LENGTH.search(self._came, 0, head_ends + 2)
        body_at = head_ends + 4
        if length is None or len(self._came) < body_at + int(length[1]):
            return None
        whole, self._came = self._came, b""
        return Answer(int(whole[9:12]), self._due_at, whole[body_at:])

    def close(self) -> None:
        self.socket.close()
