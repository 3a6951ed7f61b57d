"""The feed in Valkey: numbers events, keeps the newest per vessel and a bounded history.

Everything of one fleet carries the hash tag `{<fleet>}`. The Lua scripts, and nothing
else, number events: a contiguous integer within an epoch. A new epoch begins when the
server was emptied, restarted or replaced (its run id changed), so that no number is ever
used twice.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from harbor.live.client import Script, Valkey
from harbor.live.event import Event, Placed, decode_event, decode_placed

BATCH_MARK_SECONDS = 3600
"""A batch is published again only soon after: by a sweeper, or by a publisher that lags."""
GONE_MARK_SECONDS = 60
REPLAY_EVENTS_MAX = 10_000

_FENCE = """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local function fence(feed, history, candidate)
    local known = redis.call('HMGET', feed, 'epoch', 'run', 'number')
    if known[1] and known[2] == run then
        return known[1], tonumber(known[3])
    end
    redis.call('DEL', history)
    redis.call('HSET', feed, 'epoch', candidate, 'run', run, 'number', 0)
    return candidate, 0
end
local function is_newer(known, value)
    return not known
        or tonumber(string.match(value, '^%d+')) > tonumber(string.match(known, '^%d+'))
end
local function place(known)
    if not known then
        return '-'
    end
    local latitude, longitude = string.match(known, '^%d+ (%S+) (%S+)')
    return latitude .. ',' .. longitude
end
"""

_PUBLISH = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history, mark of the batch
-- ARGV: channel, epoch to begin if one must, history length, seconds to keep the mark,
--       then for each event: how ('position', 'vessel', 'gone'), vessel, value
local epoch, number = fence(KEYS[1], KEYS[3], ARGV[2])
if not redis.call('SET', KEYS[4], '1', 'NX', 'EX', ARGV[4]) then
    return {epoch, number}
end
local lines = {epoch .. ' ' .. (number + 1)}
for at = 5, #ARGV, 3 do
    local how, vessel, value = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local kind = 'vessel'
    local known = redis.call('HGET', KEYS[2], vessel)
    if how == 'position' then
        kind = 'late'
        if is_newer(known, value) then
            redis.call('HSET', KEYS[2], vessel, value)
            kind = 'position'
        end
    elseif how == 'gone' then
        redis.call('HDEL', KEYS[2], vessel)
    elseif known and string.match(known, '^%d+') == string.match(value, '^%d+') then
        redis.call('HSET', KEYS[2], vessel, value)
    end
    number = number + 1
    local line = kind .. ' ' .. vessel .. ' ' .. place(known) .. ' ' .. value
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], number .. '-0', 'e', line)
    lines[#lines + 1] = line
end
redis.call('HSET', KEYS[1], 'number', number)
redis.call('PUBLISH', ARGV[1], table.concat(lines, '\\n'))
return {epoch, number}
"""
)

_READ = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history    ARGV: epoch to begin if one must
local epoch, number = fence(KEYS[1], KEYS[3], ARGV[1])
return {epoch, number, redis.call('HGETALL', KEYS[2])}
"""
)

_HEAD = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history    ARGV: epoch to begin if one must
local epoch, number = fence(KEYS[1], KEYS[3], ARGV[1])
return {epoch, number, redis.call('HGET', KEYS[2], '')}
"""
)

_RESTORE = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history
-- ARGV: epoch this was read for, epoch to begin if one must, then pairs: vessel, value
local epoch = fence(KEYS[1], KEYS[3], ARGV[2])
if epoch ~= ARGV[1] then
    return 0
end
if redis.call('HGET', KEYS[2], '') == epoch then
    return 1
end
for at = 3, #ARGV, 2 do
    if is_newer(redis.call('HGET', KEYS[2], ARGV[at]), ARGV[at + 1]) then
        redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
    end
end
redis.call('HSET', KEYS[2], '', epoch)
return 1
"""
)

_SINCE = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history    ARGV: epoch to begin if one must, after, most
local epoch, number = fence(KEYS[1], KEYS[3], ARGV[1])
local rows = redis.call('XRANGE', KEYS[3], (ARGV[2] + 1) .. '-0', '+', 'COUNT', ARGV[3])
local lines = {}
for at, row in ipairs(rows) do
    lines[at] = row[2][2]
end
local first = rows[1] and tonumber(string.match(rows[1][1], '^%d+')) or 0
return {epoch, number, first, lines}
"""
)

_EXPIRE = Script("for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[1]) end")


class How(StrEnum):
    """What the script does with an event besides numbering it."""

    POSITION = "position"
    VESSEL = "vessel"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One event to publish."""

    how: How
    placed: Placed


@dataclass(frozen=True, slots=True)
class Head:
    """Where the feed is, and whether the newest-per-vessel hash is whole."""

    epoch: bytes
    number: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest position of each vessel and the number of the last event they include."""

    epoch: bytes
    number: int
    is_whole: bool
    positions: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Events behind a number; `is_complete` is False when some are no longer kept."""

    epoch: bytes
    number: int
    events: tuple[Event, ...]
    is_complete: bool


class Feed:
    """One fleet's feed; every method raises Unavailable when Valkey is away."""

    def __init__(self, valkey: Valkey, fleet_id: UUID, history_events_max: int) -> None:
        self._valkey = valkey
        self._history_events_max = history_events_max
        tag = f"harbor:{{{fleet_id}}}"
        self.channel = f"{tag}:feed"
        self._keys = [f"{tag}:state", f"{tag}:newest", f"{tag}:history"]
        self._mark = f"{tag}:batch:"

    def publish(self, batch_id: UUID, changes: Sequence[Change]) -> None:
        """Number, remember and announce these events; the same batch again does nothing."""
        args: list[object] = [
            self.channel,
            new_epoch(),
            self._history_events_max,
            BATCH_MARK_SECONDS,
        ]
        for change in changes:
            args += (change.how.value, change.placed.vessel_id, change.placed.encode())
        self._valkey.run(_PUBLISH, [*self._keys, f"{self._mark}{batch_id}"], args)

    def forget_marks(self, batch_ids: Sequence[UUID]) -> None:
        """Batches whose outbox rows are gone need their marks only a little longer.

        Not dropped at once: rows that were removed without waiting for the disk come back
        when PostgreSQL crashes.
        """
        marks = [f"{self._mark}{batch_id}" for batch_id in batch_ids]
        self._valkey.run(_EXPIRE, marks, [GONE_MARK_SECONDS])

    def head(self) -> Head:
        epoch, number, whole_for = self._valkey.run(_HEAD, self._keys, [new_epoch()])
        return Head(epoch, number, whole_for == epoch)

    def newest(self) -> Newest:
        epoch, number, flat = self._valkey.run(_READ, self._keys, [new_epoch()])
        values = dict(zip(flat[::2], flat[1::2], strict=True))
        whole_for = values.pop(b"", None)
        return Newest(
            epoch,
            number,
            whole_for == epoch,
            tuple(decode_placed(vessel, value) for vessel, value in values.items()),
        )

    def restore(self, epoch: bytes, positions: Sequence[Placed]) -> None:
        """Fill the newest-per-vessel hash, never backward, and call it whole."""
        args: list[object] = [epoch, new_epoch()]
        for placed in positions:
            args += (placed.vessel_id, placed.encode())
        self._valkey.run(_RESTORE, self._keys, args)

    def since(self, epoch: bytes, number: int) -> Span:
        """Events behind `number`, at most REPLAY_EVENTS_MAX of them."""
        now_epoch, now_number, first, lines = self._valkey.run(
            _SINCE, self._keys, [new_epoch(), number, REPLAY_EVENTS_MAX]
        )
        if now_epoch != epoch or now_number < number:
            return Span(now_epoch, now_number, (), is_complete=False)
        events = tuple(
            decode_event(epoch, first + offset, line) for offset, line in enumerate(lines)
        )
        reached = events[-1].number if events else number
        is_complete = reached == now_number and (not events or first == number + 1)
        return Span(epoch, now_number, events, is_complete)


def new_epoch() -> str:
    """Eight random hexadecimal digits: short, and never the same twice in practice."""
    return secrets.token_hex(4)


def decode_message(message: bytes) -> tuple[bytes, list[Event]]:
    """One published batch: its epoch and its events."""
    head, *lines = message.split(b"\n")
    epoch, first = head.split(b" ")
    start = int(first)
    return epoch, [decode_event(epoch, start + n, line) for n, line in enumerate(lines)]
