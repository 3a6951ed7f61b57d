"""A link between a boat and its Harbor that can be cut."""

import selectors
import socket
import threading
from contextlib import suppress

PIECE_BYTES = 65_536


class Relay:
    """Passes bytes both ways between its own port and another; `cut` breaks everything."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._is_cut = threading.Event()
        self._ended = threading.Event()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        with suppress(OSError):  # accept is woken by this
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join(5)

    def cut(self) -> None:
        """Whoever is talking is hung up on in the middle, and nobody gets through."""
        self._is_cut.set()
        for pair in list(self._pairs):
            for one in pair:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._is_cut.clear()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # the test is over
            if self._is_cut.is_set():
                near.close()
                continue
            threading.Thread(target=self._pass_on, args=(near,), daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        with (
            near,
            socket.create_connection(self._target, 5) as far,
            selectors.DefaultSelector() as ready,
        ):
            self._pairs.add((near, far))
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            with suppress(OSError):
                while not self._ended.is_set():
                    if not all(passed_on(key) for key, _ in ready.select(0.5)):
                        break
            self._pairs.discard((near, far))


def passed_on(key: selectors.SelectorKey) -> bool:
    """Whether there was anything; nothing means that this side has hung up."""
    source, sink = key.fileobj, key.data
    assert isinstance(source, socket.socket)
    piece = source.recv(PIECE_BYTES)
    if piece:
        sink.sendall(piece)
    return bool(piece)
