-- Moves the tickets and players of proposals into their matches, all of one queue. Runs within the transaction that has
-- watched what they were made from: it checks nothing.
--
-- KEYS[1]   due index of the queue
-- KEYS[2]   list of the last waits in it
-- KEYS[3]   index of the matches that look for players, by elo
-- KEYS[4]   the same matches, packed
-- KEYS[5]   index of what is due of matches
-- KEYS[6]   event stream
-- KEYS[7]   index of tickets that ended together
-- KEYS[8]   marks of events in the stream
-- KEYS[...] each player's state; then for each match its record and those of its tickets; then each elo bucket that
--           tickets leave
-- ARGV[1]   queue
-- ARGV[2]   now, ms
-- ARGV[3]   mover
-- ARGV[4]   matchmaker, or "-"
-- ARGV[5]   entries that the event stream keeps, and events of those that calls tell of together
-- ARGV[6]   events that one of them tells of at most
-- ARGV[7]   waits that the list keeps
-- ARGV[8]   ms for which it is kept
-- ARGV[9]   number of players
-- ARGV[10]  number of matches
-- ARGV[...] each player's new state; then for each match: "matched" or "joined", id, how it was made, as its record says it,
--           or its state, version and body since, ms at which it is due, elo gap, its packed form when it looks for
--           players, its elo among those, "pending" or "matched" for its tickets, ms at which the records of matched
--           ones are dropped, number of tickets, and for each ticket its id and how long it waited, in ms; then for each
--           bucket the number of its tickets and their ids
--
-- Returns "OK", or the error of the first command that failed; the others have taken effect all the same

local queue, now, mover, matchmaker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local pcall = redis.pcall
local failure

-- Like a transaction, which goes on after an error: a key that holds what it can't must not undo other matches.
local function check(reply)
  if type(reply) == 'table' and reply.err and not failure then failure = reply end
end

-- See EVENTS_PER_ENTRY.
local function mark(entry, events)
  local count = pcall('HINCRBY', KEYS[8], 'n', events)
  check(count)
  if type(count) ~= 'number' then return end
  local part = math.max(tonumber(ARGV[6]), math.ceil(tonumber(ARGV[5]) / 200))
  local passed = math.floor(count / part)
  if passed == math.floor((count - events) / part) then return end
  check(pcall('HSET', KEYS[8], passed, entry))
  local before = passed - math.ceil(tonumber(ARGV[5]) / part)
  local first = pcall('HGET', KEYS[8], before)
  if type(first) == 'string' then
    check(pcall('XTRIM', KEYS[6], 'MINID', '~', first))
    check(pcall('HDEL', KEYS[8], before))
  end
end

local players, matches = tonumber(ARGV[9]), tonumber(ARGV[10])
local states = {}
for n = 1, players do
  states[2 * n - 1] = KEYS[8 + n]
  states[2 * n] = ARGV[10 + n]
end
-- First, and by `call`: a Redis that takes no writes refuses this one, before any other has taken effect.
redis.call('MSET', unpack(states))

local key, arg = 9 + players, 11 + players
local leaving, due, waits, told, ended = {}, {}, {}, {}, {}
local perEntry = tonumber(ARGV[6])
for n = 1, matches do
  local kind, id, text, dueAt, gap, open, elo, status, dropAt, tickets = unpack(ARGV, arg, arg + 9)
  local record = KEYS[key]
  if kind == 'joined' then
    local state, version, body = string.match(text, '^(%S+) (%S+) (.*)$')
    check(pcall('HSET', record, 'state', state, 'version', version, 'body', body))
    check(pcall('HINCRBY', record, 'revision', 1))
  else
    check(pcall('HSET', record, 'made', text))
  end
  if open ~= '' then
    check(pcall('ZADD', KEYS[3], elo, id))
    check(pcall('HSET', KEYS[4], id, open))
  elseif kind == 'joined' then
    check(pcall('ZREM', KEYS[3], id))
    check(pcall('HDEL', KEYS[4], id))
  end
  key, arg = key + 1, arg + 10
  -- See ticket-record.ts.
  local outcome = status == 'pending' and 'pending ' .. id or 'matched ' .. id .. ' ' .. now
  local ids = {}
  for _ = 1, tonumber(tickets) do
    check(pcall('HSET', KEYS[key], 'status', outcome))
    ids[#ids + 1] = ARGV[arg]
    leaving[#leaving + 1] = ARGV[arg]
    waits[#waits + 1] = ARGV[arg + 1]
    key, arg = key + 1, arg + 2
  end
  if status == 'matched' then
    local together = ended[dropAt] or {}
    for _, ticket in ipairs(ids) do together[#together + 1] = ticket end
    ended[dropAt] = together
  end
  due[#due + 1] = dueAt
  due[#due + 1] = id
  -- See unpack-event.ts.
  told[#told + 1] = table.concat({ kind, queue, id, gap, mover, matchmaker, unpack(ids) }, ' ')
  if #told == perEntry or n == matches then
    local entry = pcall('XADD', KEYS[6], 'MAXLEN', '~', ARGV[5], '*', 'packed', table.concat(told, '\n'))
    check(entry)
    if type(entry) == 'string' then mark(entry, #told) end
    told = {}
  end
end
-- What many matches have in common is one command for all of them.
for bucket = key, #KEYS do
  local tickets = tonumber(ARGV[arg])
  check(pcall('HDEL', KEYS[bucket], unpack(ARGV, arg + 1, arg + tickets)))
  arg = arg + 1 + tickets
end
check(pcall('ZADD', KEYS[5], unpack(due)))
check(pcall('ZREM', KEYS[1], unpack(leaving)))
for dropAt, ids in pairs(ended) do check(pcall('ZADD', KEYS[7], dropAt, table.concat(ids, ' '))) end
check(pcall('LPUSH', KEYS[2], unpack(waits)))
check(pcall('LTRIM', KEYS[2], 0, ARGV[7] - 1))
pcall('PEXPIRE', KEYS[2], ARGV[8])
return failure or 'OK'
