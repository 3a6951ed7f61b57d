"""One epoll for all sockets of an audience: no watcher and no timer for each of them."""

import select
from collections.abc import Iterator

from gevent import monkey
from gevent.socket import wait_read

HANG_UP = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
WRITABLE = HANG_UP | select.EPOLLOUT
EVENTS_AT_ONCE = 16
"""Each may have frames to be joined and deflated; after so many others may run."""

_epoll = monkey.get_original("select", "epoll")  # gevent takes it away from the module


class Lookout:
    """Tells at once who hung up, and who can take more of those it was asked about."""

    def __init__(self) -> None:
        self._epoll = _epoll()

    def add(self, fd: int) -> None:
        self._epoll.register(fd, HANG_UP)

    def remove(self, fd: int) -> None:
        self._epoll.unregister(fd)

    def ask_for_room(self, fd: int) -> None:
        self._epoll.modify(fd, WRITABLE)

    def ask_no_more(self, fd: int) -> None:
        self._epoll.modify(fd, HANG_UP)

    def seen(self) -> Iterator[tuple[int, bool]]:
        """Wait until there is something; then each socket, and whether it hung up."""
        wait_read(self._epoll.fileno())
        for fd, what in self._epoll.poll(0, EVENTS_AT_ONCE):
            yield fd, bool(what & HANG_UP)

    def close(self) -> None:
        self._epoll.close()
