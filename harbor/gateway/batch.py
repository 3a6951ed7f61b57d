"""Which of the waiting lines go together: a pure choice, made again after every answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from harbor.gateway.entry import Kind, Row

PART_PATIENCE_MS = 10_000
"""How long a part waits for the others of its message; a transmission takes far less."""
PAUSE_MS = 100
"""Instruments speak in bursts; between two of them there is silence at least so long."""
BURST_MAX = 40
LOOK_AHEAD = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """One message to the server, the same on every attempt."""

    id: int
    message_id: str
    kind: Kind
    bodies: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        return b"\n".join(self.bodies) + b"\n"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a batch may hold."""

    lines: int = 500
    bytes: int = 262_144


@dataclass(slots=True)
class Group:
    """The parts of one message, as far as they came."""

    total: int
    rows: dict[int, Row] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return len(self.rows) == self.total


def choose(rows: Sequence[Row], size: Size, now_ms: int) -> list[Row]:
    """The oldest of these rows, with no message of several lines torn apart.

    `rows` are the oldest there are, more than fit if there are more. Parts that miss a
    partner wait for it, PART_PATIENCE_MS at most.
    """
    head = _cut_in_a_pause(rows, _fitting(rows, size), now_ms)
    wanted = {row.id for row in rows[:head]}
    for group in _groups(rows):
        ids = {row.id for row in group.rows.values()}
        if not wanted & ids:
            continue
        if group.is_whole:
            wanted |= ids
        elif now_ms - max(row.received_ms for row in group.rows.values()) < PART_PATIENCE_MS:
            wanted -= ids
    return [row for row in rows if row.id in wanted]


def _fitting(rows: Sequence[Row], size: Size) -> int:
    total = 0
    for count, row in enumerate(rows[: size.lines]):
        total += len(row.body) + 1
        if total > size.bytes and count:
            return count
    return min(len(rows), size.lines)


def _cut_in_a_pause(rows: Sequence[Row], head: int, now_ms: int) -> int:
    """A burst holds a position and the speed and heading that go with it."""
    following_ms = rows[head].received_ms if head < len(rows) else now_ms
    for count in range(head, max(0, head - BURST_MAX), -1):
        if following_ms - rows[count - 1].received_ms >= PAUSE_MS:
            return count
        following_ms = rows[count - 1].received_ms
    return head


def _groups(rows: Iterable[Row]) -> list[Group]:
    """Every message of several lines; sequence numbers come round again after ten."""
    found: list[Group] = []
    still_open: dict[str, Group] = {}
    for row in rows:
        part = row.part
        if part is None:
            continue
        group = still_open.get(part.key)
        if group is None or not _belongs(row, group):
            group = still_open[part.key] = Group(part.total)
            found.append(group)
        group.rows[part.number] = row
        if group.is_whole:
            del still_open[part.key]
    return found


def _belongs(row: Row, group: Group) -> bool:
    assert row.part is not None
    last_ms = max(one.received_ms for one in group.rows.values())
    return (
        row.part.total == group.total
        and row.part.number not in group.rows
        and row.received_ms - last_ms < PART_PATIENCE_MS
    )
