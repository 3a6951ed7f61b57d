"""Members that could not take a whole piece: each reads on by itself, as its socket allows.

What waits for one of them is the end of the piece it was sent and a place in the log, so a
thousand of them cost what one costs.
"""

from collections import Counter
from collections.abc import Callable
from time import monotonic

from harbor.live import notice
from harbor.live.group import Member
from harbor.live.lookout import Lookout
from harbor.live.wish import Mode

PIECES_AT_ONCE = 4
EVENTS_IN_A_PIECE = 500
"""What waits for a slow archive: of the whole log it would be some megabytes for each."""


class Stragglers:
    """Knows who is behind; `close` ends a member, `let_join` takes back one that caught up."""

    def __init__(
        self,
        lookout: Lookout,
        tally: Counter[str],
        close: Callable[[Member, str], None],
        let_join: Callable[[Member], None],
    ) -> None:
        self._lookout = lookout
        self._tally = tally
        self._close = close
        self._let_join = let_join
        self._behind: set[Member] = set()

    def fall_behind(self, member: Member, block: bytes, sent: int) -> None:
        """From now on it reads by itself; the unsent end of a frame is never lost."""
        group = member.group
        member.step_out(group.reading.copy())
        group.left += 1
        member.count(sent - len(block))
        self.wait_for(member, memoryview(block)[sent:])

    def greet(self, member: Member, head: bytes, content: bytes) -> None:
        """The first bytes of one; the content is not copied, many may be shown the same."""
        try:
            sent = member.socket.sendmsg([head, content])
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(member, "client_left")
            return
        member.count(sent)
        behind_head = sent - len(head)
        if behind_head < 0:
            self.wait_for(member, memoryview(head[sent:] + content))
        elif behind_head < len(content):
            self.wait_for(member, memoryview(content)[behind_head:])

    def push(self, member: Member, content: bytes | memoryview) -> None:
        """Send to one that is on its own; what does not fit waits for its socket."""
        try:
            sent = member.socket.send(content)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(member, "client_left")
            return
        member.count(sent)
        if sent == len(content):
            member.tail = None
            return
        if sent:
            member.moved_at = monotonic()
        self.wait_for(member, memoryview(content)[sent:])

    def wait_for(self, member: Member, left: memoryview) -> None:
        """Until its socket takes more; with nothing left it only comes to its turn there."""
        member.tail = left
        if member not in self._behind:
            self._tally["fell_behind"] += 1
            member.moved_at = monotonic()
            self._behind.add(member)
            self._lookout.ask_for_room(member.fd)

    def go_on(self, member: Member) -> None:
        """Its socket takes more: first what is left, then what it has missed."""
        for _ in range(PIECES_AT_ONCE):
            if member.tail:
                self.push(member, member.tail)
            if member.tail or not member.is_open:
                break
            if member.is_ending:
                self._close(member, "too_slow")
                break
            content = self._next_of(member)
            if not content:
                self._catch_up(member)
                break
            member.tail = memoryview(member.group.ready_for_one(content))

    def close_stalled(self, patience_s: float) -> None:
        """End those that made no progress for so long."""
        since = monotonic() - patience_s
        for member in [one for one in self._behind if one.moved_at < since]:
            self._close(member, "stalled")

    def forget(self, member: Member) -> None:
        self._behind.discard(member)

    def _catch_up(self, member: Member) -> None:
        self._behind.discard(member)
        self._lookout.ask_no_more(member.fd)
        self._let_join(member)

    def _next_of(self, member: Member) -> bytes:
        """What one on its own is to be sent; `all` that fell out of the log is ended."""
        reading = member.reading
        content = reading.pending(most=EVENTS_IN_A_PIECE) if reading else b""
        while content == b"" and reading and reading.has_more:
            content = reading.pending(most=EVENTS_IN_A_PIECE)
        if content is not None:
            return content
        self._tally["too_slow"] += 1
        if reading and reading.wish.mode is Mode.LATEST:
            return reading.start_over("too_slow")
        member.is_ending = True
        return notice.resync("too_slow")
