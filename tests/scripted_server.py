"""A server that sends what a test wrote down, answer by answer, for clients of the feed."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
Answer = bytes | Callable[[socket.socket], None]


class ScriptedServer:
    """One answer a connection, in order; then it hangs up. After the last it answers 204.

    With `is_read` off an answer reads the request by itself, as TLS must.
    """

    def __init__(self, *answers: Answer, is_read: bool = True) -> None:
        self._is_read = is_read
        self.requests: list[str] = []
        self._answers = [*answers, b"HTTP/1.1 204 No Content\r\n\r\n"]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # accept is woken by this
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def header(self, request: int, name: str) -> str | None:
        """What a request said in a header, if anything."""
        for line in self.requests[request].splitlines()[1:]:
            said, _, value = line.partition(": ")
            if said.lower() == name.lower():
                return value
        return None

    def _serve(self) -> None:
        for answer in self._answers:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # the test is over
            with client, suppress(ConnectionError):  # the reader may leave first
                client.settimeout(5)
                if self._is_read:
                    self.requests.append(read_head(client))
                if callable(answer):
                    answer(client)
                else:
                    client.sendall(answer)


def read_head(client: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n") and (piece := client.recv(65_536)):
        head += piece
    return head.decode()


def stream(*blocks: str) -> bytes:
    """A stream that comes back soon after these blocks."""
    return HEAD + "".join(f"{block}\n\n" for block in ("retry: 1", *blocks)).encode()
