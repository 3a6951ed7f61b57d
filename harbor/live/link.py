"""The connection that listens: redis-py makes it, hiredis reads it.

redis-py's PubSub takes 10.6 µs a message, a plain socket and hiredis 1.2 µs; and it
subscribes again without a word, which hides what was lost in between.
"""

from collections.abc import Iterable
from typing import Any

import gevent
import hiredis
from gevent.event import Event as Signal

from harbor.errors import Unavailable
from harbor.live.client import dial

READ_BYTES = 256 * 1024
UNFINISHED_BYTES_MAX = 32 * 1024 * 1024
"""Of one message; the largest that Harbor publishes is some megabytes."""
_READABLE = 1

Reply = list[Any]
"""What Valkey says to a listener: what it is, then its parts."""


class Link:
    """One subscribed connection, for one greenlet; only `stir` is for the others.

    Every method raises Unavailable or a RedisError when the connection is no good any more.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        self._connection = dial(url, timeout_s)
        self._socket = self._connection._sock
        self._reader = hiredis.Reader()
        self._unfinished_bytes = 0
        self._is_readable = False
        self._stirred = Signal()
        self._watcher = gevent.get_hub().loop.io(self._socket.fileno(), _READABLE)

    def subscribe(self, channels: Iterable[bytes]) -> None:
        """Every one of them is confirmed by a reply of its own."""
        self._connection.send_command("SUBSCRIBE", *channels)

    def ping(self) -> None:
        """Answered by a reply, however quiet the channels are."""
        self._connection.send_command("PING")

    def stir(self) -> None:
        """Let `read` return, now or when it is called next."""
        self._stirred.set()

    def read(self, timeout_s: float) -> list[Reply]:
        """All that came in one piece; nothing when it was too long, or stirred.

        Waits even when more is there already: the other greenlets have their turn first, so
        what this one has filled into the hubs leaves while the next piece arrives.
        """
        if not self._wait(timeout_s):
            return []
        try:
            piece = self._socket.recv(READ_BYTES)
        except TimeoutError:
            return []  # half a TLS record: it goes on with the next call
        if not piece:
            raise Unavailable("Valkey closed the subscription.")
        return self._replies(piece)

    def close(self) -> None:
        self._watcher.close()
        self._connection.disconnect()

    def _wait(self, timeout_s: float) -> bool:
        """Whether there is something to read."""
        if _is_decrypted(self._socket):
            gevent.sleep(0)
            return True
        self._is_readable = False
        self._watcher.start(self._notice)
        try:
            self._stirred.wait(timeout_s)
        finally:
            self._watcher.stop()
            self._stirred.clear()
        return self._is_readable

    def _notice(self) -> None:
        self._is_readable = True
        self._stirred.set()

    def _replies(self, piece: bytes) -> list[Reply]:
        replies: list[Reply] = []
        try:
            self._reader.feed(piece)
            while (reply := self._reader.gets()) is not False:
                if not isinstance(reply, list):
                    raise Unavailable(f"Valkey refuses the subscription: {reply}")
                replies.append(reply)
        except hiredis.ProtocolError as error:
            raise Unavailable("Valkey sent what is no reply.") from error
        self._unfinished_bytes = len(piece) + (0 if replies else self._unfinished_bytes)
        if self._unfinished_bytes > UNFINISHED_BYTES_MAX:
            raise Unavailable("Valkey sends a message without an end.")
        return replies


def _is_decrypted(socket: Any) -> bool:
    """Whether TLS holds bytes for which the plain socket will not wake anybody."""
    return hasattr(socket, "pending") and socket.pending() > 0
