"""What runs inside Valkey: each script sees and changes one fleet's feed in one step.

KEYS are the feed's state, the newest of each vessel, and the history: a stream whose ids are
`<number>-<milliseconds>`, so that an event's age can be read without opening it. The speakers
say which tracker a vessel that has several is followed by, as `<precedence> <until µs>`.
"""

from harbor.live.client import Script

_FENCE = """
-- The lineage changes whenever a server begins to take writes: after a start, whatever it
-- loaded, and after a promotion. The run id would miss a primary that became the replica of
-- one which lagged behind it, and was promoted again.
local lineage = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local function fence(feed, history, candidate)
    local known = redis.call('HMGET', feed, 'epoch', 'lineage', 'number')
    if known[1] and known[2] == lineage then
        return known[1], tonumber(known[3])
    end
    redis.call('DEL', history)
    redis.call('HSET', feed, 'epoch', candidate, 'lineage', lineage, 'number', 0)
    return candidate, 0
end
-- A server that takes no writes (read-only, out of memory) must not pass for a feed at rest.
local function fence_by_writing(feed, history, candidate)
    local epoch, number = fence(feed, history, candidate)
    redis.call('HSET', feed, 'lineage', lineage)
    return epoch, number
end
local function is_newer(known, value)
    return not known
        or tonumber(string.match(value, '^%d+')) > tonumber(string.match(known, '^%d+'))
end
-- Whether a tracker of this standing (`<precedence> <patience µs>`) is listened to now, see
-- harbor.fleet.sources; from then on it speaks until its patience is over. One that counts more
-- speaks even when it is heard a little later than another: else that one would stay for good.
local function may_speak(speakers, vessel, known, value, standing)
    if standing == '' then
        return true
    end
    local its_rank, patience = string.match(standing, '^(%d+) (%d+)')
    local rank = tonumber(its_rank)
    local at = tonumber(string.match(value, '^%d+'))
    local ends = at + tonumber(patience)
    local said = redis.call('HGET', speakers, vessel)
    if said then
        local best, last = string.match(said, '^(%d+) (%d+)')
        best, last = tonumber(best), tonumber(last)
        if rank > best and at <= last then
            return false
        elseif rank == best and ends <= last then
            return true
        end
    end
    if not known or ends >= tonumber(string.match(known, '^%d+')) then
        redis.call('HSET', speakers, vessel, rank .. ' ' .. string.format('%.0f', ends))
    end
    return true
end
local function place(known)
    if not known then
        return '-'
    end
    local latitude, longitude = string.match(known, '^%d+ (%S+) (%S+)')
    return latitude .. ',' .. longitude
end
local function milliseconds()
    local now = redis.call('TIME')
    return now[1] * 1000 + math.floor(now[2] / 1000)
end
local function read_id(row)
    local number, at = string.match(row[1], '^(%d+)-(%d+)')
    return tonumber(number), tonumber(at)
end
"""

_FORGET = """
-- Forgets what is older than `age` milliseconds, but only when the oldest event is older by
-- another 64th: so most calls look at one event, and some at a logarithm of all.
local function forget_older(history, now, age)
    local function row_at(id)
        return redis.call('XRANGE', history, id, '+', 'COUNT', 1)[1]
    end
    local oldest = row_at('-')
    if not oldest then
        return
    end
    local old, at = read_id(oldest)
    if at >= now - age - age / 64 then
        return
    end
    local young = read_id(redis.call('XREVRANGE', history, '+', '-', 'COUNT', 1)[1])
    while young - old > 1 do
        local middle = math.floor((old + young) / 2)
        local row = row_at(middle .. '-0')
        local number, recorded_at = read_id(row)
        if recorded_at < now - age then
            old = middle
        else
            young = middle
        end
    end
    redis.call('XTRIM', history, 'MINID', young .. '-0')
end
"""

PUBLISH = Script(
    _FENCE
    + _FORGET
    + """
-- KEYS: feed, newest, history, speakers, mark of the batch
-- ARGV: channel, epoch to begin if one must, seconds to keep the mark, history length,
--       history age in milliseconds (0: any),
--       then for each event: how ('position', 'vessel', 'gone', 'alert'), vessel, value,
--       standing
local epoch, number = fence(KEYS[1], KEYS[3], ARGV[2])
if not redis.call('SET', KEYS[5], '1', 'NX', 'EX', ARGV[3]) then
    return {epoch, number}
end
local now, age = milliseconds(), tonumber(ARGV[5])
local lines = {epoch .. ' ' .. (number + 1)}
for at = 6, #ARGV, 4 do
    local how, vessel, value, standing = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local kind = 'vessel'
    local known = redis.call('HGET', KEYS[2], vessel)
    if how == 'position' then
        kind = 'late'
        if may_speak(KEYS[4], vessel, known, value, standing) and is_newer(known, value) then
            redis.call('HSET', KEYS[2], vessel, value)
            kind = 'position'
        end
    elseif how == 'gone' then
        redis.call('HDEL', KEYS[2], vessel)
        redis.call('HDEL', KEYS[4], vessel)
    elseif how == 'alert' then
        kind = 'alert'
    else
        -- How much her trackers count may have changed: who spoke before has no claim any more.
        redis.call('HDEL', KEYS[4], vessel)
        may_speak(KEYS[4], vessel, known, value, standing)
        if known and string.match(known, '^%d+') == string.match(value, '^%d+') then
            redis.call('HSET', KEYS[2], vessel, value)
        end
    end
    number = number + 1
    local line = kind .. ' ' .. vessel .. ' ' .. place(known) .. ' ' .. value
    redis.call('XADD', KEYS[3], number .. '-' .. now, 'e', line)
    lines[#lines + 1] = line
end
redis.call('XTRIM', KEYS[3], 'MAXLEN', '~', ARGV[4])
if age > 0 then
    forget_older(KEYS[3], now, age)
    redis.call('PEXPIRE', KEYS[3], age)
end
redis.call('HSET', KEYS[1], 'number', number)
redis.call('PUBLISH', ARGV[1], table.concat(lines, '\\n'))
return {epoch, number}
"""
)

READ = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history    ARGV: epoch to begin if one must
local epoch, number = fence_by_writing(KEYS[1], KEYS[3], ARGV[1])
return {epoch, number, redis.call('HGETALL', KEYS[2])}
"""
)

HEAD = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history    ARGV: epoch to begin if one must
local epoch, number = fence_by_writing(KEYS[1], KEYS[3], ARGV[1])
return {epoch, number, redis.call('HGET', KEYS[2], '')}
"""
)

RESTORE = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history, speakers
-- ARGV: epoch this was read for, epoch to begin if one must,
--       then for each: vessel, value, standing
local epoch = fence(KEYS[1], KEYS[3], ARGV[2])
if epoch ~= ARGV[1] then
    return 0
end
if redis.call('HGET', KEYS[2], '') == epoch then
    return 1
end
for at = 3, #ARGV, 3 do
    local vessel, value = ARGV[at], ARGV[at + 1]
    local known = redis.call('HGET', KEYS[2], vessel)
    if may_speak(KEYS[4], vessel, known, value, ARGV[at + 2]) and is_newer(known, value) then
        redis.call('HSET', KEYS[2], vessel, value)
    end
end
redis.call('HSET', KEYS[2], '', epoch)
return 1
"""
)

PAGE = Script(
    _FENCE
    + """
-- KEYS: feed, newest, history
-- ARGV: epoch to begin if one must, after, most, history age in milliseconds (0: any)
-- Answers in the form of a published batch; without events when the next one is gone.
local epoch, number = fence(KEYS[1], KEYS[3], ARGV[1])
local after, age = tonumber(ARGV[2]), tonumber(ARGV[4])
-- A reader may ask for any number, and Lua's own way to write large ones is no id.
local next_number = string.format('%.0f', after + 1)
local rows = redis.call('XRANGE', KEYS[3], next_number .. '-0', '+', 'COUNT', ARGV[3])
local lines = {epoch .. ' ' .. next_number}
if #rows > 0 then
    local first, at = read_id(rows[1])
    local is_whole = first == after + 1 and read_id(rows[#rows]) == after + #rows
    if is_whole and (age == 0 or at >= milliseconds() - age) then
        for offset, row in ipairs(rows) do
            lines[offset + 1] = row[2][2]
        end
    end
end
return {epoch, number, table.concat(lines, '\\n')}
"""
)

EXPIRE = Script("for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[1]) end")
