"""Subscribers that asked for the same, so that every event is made ready for them once."""

import _socket
from time import monotonic
from typing import Protocol

from harbor.live.deflate import SharedDeflate, alone
from harbor.live.reading import Reading


class Visit(Protocol):
    """Who listens: asked whether it still may, told when its stream is over."""

    def is_allowed(self) -> bool:
        """Raises Unavailable when that can't be known."""

    def end(self, reason: str, sent_bytes: int) -> None: ...


class Member:
    """In step with its group (then it has no reading of its own), or on its own for now.

    The socket is the plain one below Python's and gevent's: a send is one system call.
    Slots and shared objects keep an idle subscriber below a kilobyte.
    """

    __slots__ = (
        "_bytes",
        "ends_at",
        "fd",
        "group",
        "is_ending",
        "moved_at",
        "reading",
        "socket",
        "tail",
        "visit",
    )

    def __init__(
        self,
        socket: "_socket.socket",
        group: "Group",
        reading: Reading,
        visit: Visit,
        ends_at: float,
    ) -> None:
        self.socket = socket
        self.fd = socket.fileno()
        self.group = group
        self.reading: Reading | None = reading
        self.visit = visit
        self.ends_at = ends_at
        self.tail: memoryview | None = None
        self.moved_at = 0.0
        self.is_ending = False
        self._bytes = 0

    @property
    def is_open(self) -> bool:
        return self.fd >= 0

    @property
    def is_in_step(self) -> bool:
        return self.reading is None and self.fd >= 0

    @property
    def sent_bytes(self) -> int:
        """What its group was sent while it was in step, and what it was sent alone."""
        return self._bytes + (self.group.sent_bytes if self.reading is None else 0)

    def count(self, sent_bytes: int) -> None:
        self._bytes += sent_bytes

    def step_in(self) -> None:
        """From now on it gets what its group gets, and counts as its group counts."""
        self.reading = None
        self._bytes -= self.group.sent_bytes

    def step_out(self, reading: Reading) -> None:
        self._bytes += self.group.sent_bytes
        self.reading = reading


class Group:
    """All members of one wish; those in step share a reading, and a compressor if any."""

    __slots__ = (
        "_in_step",
        "deflate",
        "joining",
        "left",
        "reading",
        "sent_at",
        "sent_bytes",
        "size",
    )

    def __init__(self, reading: Reading, *, is_compressed: bool) -> None:
        self.reading = reading
        self.deflate = SharedDeflate() if is_compressed else None
        self.joining: list[Member] = []
        self.size = 0
        self.left = 0
        self.sent_bytes = 0
        self.sent_at = monotonic()
        self._in_step: list[Member] = []

    @property
    def has_in_step(self) -> bool:
        self._forget_left()
        return bool(self._in_step)

    def in_step(self) -> list[Member]:
        """A list of its own for the caller, who may let others run while walking it."""
        self._forget_left()
        return self._in_step.copy()

    def let_in(self, member: Member) -> bool:
        """Put a member in step if it is where the others are, or if there are none."""
        reading = member.reading
        if reading is None:
            return True
        self._forget_left()
        if not self._in_step:
            self.reading = reading
        elif not reading.is_in_step_with(self.reading):
            return False
        if self.deflate:
            self.deflate.is_joined = True
        member.step_in()
        self._in_step.append(member)
        return True

    def ready(self, content: bytes) -> bytes:
        """As it goes to all in step; counted as sent."""
        block = self.deflate.block(content) if self.deflate else content
        self.sent_at = monotonic()
        self.sent_bytes += len(block)
        return block

    def ready_for_one(self, content: bytes) -> bytes:
        """As it goes to a member that is on its own."""
        return alone(content) if self.deflate else content

    def _forget_left(self) -> None:
        if self.left:
            self.left = 0
            self._in_step = [member for member in self._in_step if member.is_in_step]
