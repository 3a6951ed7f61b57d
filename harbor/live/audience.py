"""The raw sockets that listen to one hub: one loop of sends per event and group.

No greenlet, request or timer belongs to a subscriber. Whoever can't take a whole piece
leaves its group, reads on by itself when its socket says so, and comes back in step.
"""

import _socket
import random
from collections.abc import Iterator
from itertools import islice
from math import ceil
from time import monotonic

import gevent
from gevent.event import Event as Signal

from harbor.errors import Unavailable
from harbor.live import notice
from harbor.live.deflate import GZIP_HEADER
from harbor.live.group import Group, Member, Visit
from harbor.live.hub import Hub
from harbor.live.lookout import Lookout
from harbor.live.reading import Manners, Reading
from harbor.live.stragglers import Stragglers
from harbor.live.subscription import lease_s
from harbor.live.wish import Wish

SLICE = 500
"""After so many sends others may run: requests, heartbeats, the subscription."""
GROUPS_AT_ONCE = 50
"""The same for groups: with filters of their own thousands have one member each."""
LOOK_SECONDS = 1.0
DRAIN_STEP_SECONDS = 0.05
PEAK = "opened_peak"


class Audience:
    """Owns its sockets until they are closed; `run`, `watch` and `tend` are its greenlets."""

    def __init__(self, hub: Hub, manners: Manners) -> None:
        self.hub = hub
        self._manners = manners
        self._groups: dict[tuple[Wish, bool], Group] = {}
        self._members: dict[int, Member] = {}
        self._lookout = Lookout()
        self._emptied = Signal()
        self.tally = hub.tally
        self._stragglers = Stragglers(self._lookout, self.tally, self._close, self._let_join)
        self._opened_in = (0, 0)
        self._is_closed_to_all = False

    def __len__(self) -> int:
        return len(self._members)

    @property
    def groups(self) -> int:
        return len(self._groups)

    def admit(
        self,
        socket: "_socket.socket",
        head: bytes,
        opening: bytes,
        reading: Reading,
        visit: Visit,
        *,
        is_compressed: bool = False,
    ) -> None:
        """Take over a non-blocking socket; `opening` has brought `reading` where it is."""
        self._lookout.add(socket.fileno())
        group = self._group(reading, is_compressed=is_compressed)
        ends_at = monotonic() + lease_s(self._manners)
        member = Member(socket, group, reading, visit, ends_at)
        self._members[member.fd] = member
        group.size += 1
        self.hub.readers += 1
        self._emptied.clear()
        self._count_opened()
        head += GZIP_HEADER if is_compressed else b""
        self._stragglers.greet(
            member, head + group.ready_for_one(notice.retry()), self._shared(opening, group)
        )
        self._let_join(member)
        if self._is_closed_to_all:  # it was let in before, and its replay took this long
            self._close(member, "leaving", notice.reconnect("leaving"))

    def run(self) -> None:
        """Send what happens, as it happens; what comes meanwhile goes out together."""
        while True:
            woken, began = self.hub.woken, monotonic()
            for turn, group in enumerate(list(self._groups.values())):
                if turn % GROUPS_AT_ONCE == GROUPS_AT_ONCE - 1:
                    gevent.sleep(0)
                self._advance(group)
            if self._members:
                took_s = monotonic() - began
                self.hub.took(took_s)
                self.tally["send_us"] += int(took_s * 1e6)
            if self.hub.woken == woken:
                self.hub.wait(self._patience_s())

    def watch(self) -> None:
        """See at once who hung up, and who can take more."""
        while True:
            for fd, has_hung_up in self._lookout.seen():
                member = self._members.get(fd)
                if member is None:
                    continue  # closed by what another member's turn brought about
                if has_hung_up:
                    self._close(member, "client_left")
                else:
                    self._stragglers.go_on(member)
            gevent.sleep(0)

    def tend(self) -> None:
        """Once a second: who makes no progress, whose time is over, who may not listen on."""
        turns = max(1, round(self._manners.heartbeat_s))
        turn = 0
        while True:
            gevent.sleep(LOOK_SECONDS)
            turn = (turn + 1) % turns
            self._stragglers.close_stalled(self._manners.stalled_s)
            for member in list(self._members.values()):
                if member.ends_at < monotonic():
                    self._close(member, "age", notice.reconnect("age"))
                elif member.fd % turns == turn:
                    self._check_right(member)

    def leave(self) -> None:
        """Send everybody away, spread evenly over the drain window."""
        until = monotonic() + self._manners.drain_s
        while self._members:
            members = list(self._members.values())
            steps = max(1.0, (until - monotonic()) / DRAIN_STEP_SECONDS)
            for member in random.sample(members, ceil(len(members) / steps)):
                self._close(member, "leaving", notice.reconnect("leaving"))
            gevent.sleep(DRAIN_STEP_SECONDS)
        self._is_closed_to_all = True

    def take_tally(self) -> dict[str, int]:
        """What was counted since the last time; `opened_peak` is in one second."""
        done = dict(self.tally)
        self.tally.clear()
        return done

    def close(self) -> None:
        """Let everybody go at once; only for a process that goes on without this audience."""
        for member in list(self._members.values()):
            self._close(member, "ended")
        self._lookout.close()

    def wait_until_empty(self, timeout_s: float) -> None:
        if self._members:
            self._emptied.wait(timeout_s)

    def _group(self, reading: Reading, *, is_compressed: bool) -> Group:
        key = (reading.wish, is_compressed)
        if key not in self._groups:
            self._groups[key] = Group(reading, is_compressed=is_compressed)
        return self._groups[key]

    def _shared(self, opening: bytes, group: Group) -> bytes:
        """Deflated once for all who come together: for 5,000 vessels it takes 30 ms."""
        if group.deflate is None:
            return opening
        return self.hub.once(("deflated", opening), lambda: group.ready_for_one(opening))

    def _count_opened(self) -> None:
        second, opened = self._opened_in
        now = int(monotonic())
        opened = opened + 1 if now == second else 1
        self._opened_in = (now, opened)
        self.tally["opened"] += 1
        self.tally[PEAK] = max(opened, self.tally[PEAK])

    def _patience_s(self) -> float:
        """Until a rate's time is over; a group without members in step has no such time."""
        groups = [one for one in self._groups.values() if one.has_in_step]
        return min([LOOK_SECONDS, *(one.reading.due_in_s() for one in groups)])

    def _advance(self, group: Group) -> None:
        """Bring all of a group up to date, those in step by one piece for all."""
        members = group.in_step()
        content = group.reading.pending() if members else b""
        if content is None:
            return self._dismiss(group, members)
        is_due = bool(content)
        if members and not content:
            content = self._heartbeat(group)
        block = group.ready(content) if content else b""
        waiting, group.joining = group.joining, []
        for member in waiting:
            self._bring_up(member, is_forced=is_due)
        if block:
            self._send_all(block, members)
        return None

    def _heartbeat(self, group: Group) -> bytes:
        is_quiet = monotonic() - group.sent_at >= self._manners.heartbeat_s
        return group.reading.heartbeat() if is_quiet else b""

    def _send_all(self, block: bytes, members: list[Member]) -> None:
        self.tally["batches"] += 1
        self.tally["deliveries"] += len(members)
        self.tally["bytes"] += len(members) * len(block)
        walk = iter(members)
        for done in range(0, len(members), SLICE):
            if done:
                gevent.sleep(0)
            self._send_slice(block, islice(walk, SLICE))

    def _send_slice(self, block: bytes, members: Iterator[Member]) -> None:
        """The hot loop: nothing but the system call and a look at what it took."""
        size = len(block)
        while True:
            member = None
            try:
                for member in members:
                    sent = member.socket.send(block)
                    if sent != size:
                        self._stragglers.fall_behind(member, block, sent)
            except BlockingIOError:
                if member:
                    self._stragglers.fall_behind(member, block, 0)
            except OSError:
                if member:
                    self._close(member, "client_left")
            else:
                return

    def _bring_up(self, member: Member, *, is_forced: bool) -> None:
        """One that waits to join gets what it lacks, and joins if it took all of it."""
        if not member.is_open or not member.reading:
            return
        content = member.reading.pending(is_forced=is_forced)
        if content:
            self._stragglers.push(member, member.group.ready_for_one(content))
        if content is None:
            # At its socket's turn the same is found out, and dealt with.
            self._stragglers.wait_for(member, memoryview(b""))
        else:
            self._let_join(member)

    def _let_join(self, member: Member) -> None:
        if member.is_open and not member.tail and not member.group.let_in(member):
            member.group.joining.append(member)

    def _dismiss(self, group: Group, members: list[Member]) -> None:
        """The whole group fell out of the log: this worker could not keep up."""
        for member in members:
            member.step_out(group.reading.copy())
            self._stragglers.wait_for(member, memoryview(b""))
        group.left += len(members)

    def _check_right(self, member: Member) -> None:
        try:
            if not member.visit.is_allowed():
                self._close(member, "ended")
        except Unavailable:
            self._close(member, "rights_unknown")

    def _close(self, member: Member, reason: str, last: bytes = b"") -> None:
        if not member.is_open:
            return
        if last and not member.tail:
            self._say_last(member, last)
        sent_bytes, group = member.sent_bytes, member.group
        del self._members[member.fd]
        self._lookout.remove(member.fd)
        member.socket.close()
        member.fd = -1
        self._stragglers.forget(member)
        group.left += member.reading is None
        group.size -= 1
        if not group.size:
            del self._groups[group.reading.wish, group.deflate is not None]
        self.hub.readers -= 1
        self.tally[f"closed_{reason}"] += 1
        if not self._members:
            self._emptied.set()
        member.visit.end(reason, sent_bytes)

    def _say_last(self, member: Member, last: bytes) -> None:
        try:
            member.count(member.socket.send(member.group.ready_for_one(last)))
        except OSError:
            return  # it is about to be closed anyway, and comes back by its last id
