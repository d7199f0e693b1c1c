-- Puts tickets into a queue, each one wholly or not at all.
--
-- KEYS[1]   due index of the queue
-- KEYS[2]   event stream
-- KEYS[3]   marks of events in it
-- KEYS[...] for each ticket: its record, its elo bucket, the state key of each of its players, then, where the queue has
--           cool-downs, the cool-down key of each
-- ARGV[1]   now, ms
-- ARGV[2]   ms at which the tickets are due: when a search for them that got lost is made up for
-- ARGV[3]   ms after which the tickets expire
-- ARGV[4]   number of tickets that may wait at once
-- ARGV[5]   queue
-- ARGV[6]   1 where the queue has cool-downs, else 0
-- ARGV[7]   entries that the event stream keeps, and events of those that calls tell of together
-- ARGV[8]   events that one of them tells of at most
-- ARGV[...] for each ticket: id, digest of the request ("-" when it can't be repeated), packed request, packed tail ("" when
--           it is version, now and the packed request), elo, players
--
-- Returns for each ticket its tries, a whole number, when it waits now; else a list:
--   {"replayed", text}                         this very request was accepted before: what its record says of that
--   {"conflict"}                               another request was accepted under this id
--   {"busy", n, state text, …}                 players that are not idle, n counted from 1
--   {"cooling", n, ms until when, …}           players who may not queue yet, n counted from 1
--   {"full"}                                   as many tickets wait as may

local now, due, expireAfter, limit, queue = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local waiting = redis.call('ZCARD', KEYS[1])
local outcomes = {}
local keysPerPlayer = ARGV[6] == '1' and 2 or 1

-- What all states are: by one command, since each costs as much again as what it reads.
local stateKeys, texts = {}, {}
local key, arg = 4, 9
while arg <= #ARGV do
  local players = tonumber(ARGV[arg + 5])
  for n = 1, players do stateKeys[#stateKeys + 1] = KEYS[key + 1 + n] end
  arg, key = arg + 6, key + 2 + players * keysPerPlayer
end
for n, text in ipairs(redis.call('MGET', unpack(stateKeys))) do texts[stateKeys[n]] = text end

-- What is accepted is written below: the states first, so that a Redis that takes no writes has refused all or nothing.
local accepted, states, dues = {}, {}, {}
key, arg = 4, 9
while arg <= #ARGV do
  local id, digest, players = ARGV[arg], ARGV[arg + 1], tonumber(ARGV[arg + 5])
  local record, first = KEYS[key], key + 1

  local known = digest ~= '-' and redis.call('HGET', record, 'in')
  if known then
    outcomes[#outcomes + 1] = string.match(known, '^%S+ %d+ %d+ %d+#(%S+)') ~= digest and { 'conflict' } or { 'replayed', known }
  elseif waiting >= limit then
    outcomes[#outcomes + 1] = { 'full' }
  else
    local busy, cooling, tries, versions = nil, nil, 0, {}
    for n = 1, players do
      local text = texts[KEYS[first + n]]
      versions[n] = ARGV[1]
      if text then
        local state, version, playerTries = string.match(text, '^(%S+) (%d+) %S+ (%d+)')
        if state ~= 'idle' then
          busy = busy or { 'busy' }
          busy[#busy + 1] = n
          busy[#busy + 1] = text
        end
        if tonumber(version) >= now then versions[n] = string.format('%.0f', version + 1) end
        tries = math.max(tries, tonumber(playerTries))
      end
      local coolDown = keysPerPlayer == 2 and redis.call('GET', KEYS[first + players + n])
      local untilMs = coolDown and string.match(coolDown, '^%d+')
      if untilMs and tonumber(untilMs) > now then
        cooling = cooling or { 'cooling' }
        cooling[#cooling + 1] = n
        cooling[#cooling + 1] = untilMs
      end
    end
    if busy or cooling then
      outcomes[#outcomes + 1] = busy or cooling
    else
      outcomes[#outcomes + 1] = tries
      -- Whole numbers as text from here on: Redis writes a number as if it had fractions, and that takes its time.
      tries = string.format('%d', tries)
      for n = 1, players do
        -- See player-state-text.ts.
        local at = versions[n] == ARGV[1] and '=' or ARGV[1]
        local text = 'inqueue ' .. versions[n] .. ' ' .. at .. ' ' .. tries .. ' ' .. id .. ' 1 - ' .. queue
        -- Another ticket of the same call may name the same player.
        texts[KEYS[first + n]] = text
        states[#states + 1] = KEYS[first + n]
        states[#states + 1] = text
      end
      dues[#dues + 1] = due
      dues[#dues + 1] = id
      accepted[#accepted + 1] = { key, arg, tries }
      waiting = waiting + 1
    end
  end
  arg, key = arg + 6, key + 2 + players * keysPerPlayer
end
if #accepted == 0 then return outcomes end

redis.call('MSET', unpack(states))
redis.call('ZADD', KEYS[1], unpack(dues))
local times = queue .. ' ' .. ARGV[1] .. ' ' .. expireAfter .. ' '
-- See unpack-event.ts.
local start, told, perEntry = 'queued ' .. queue .. ' ', {}, tonumber(ARGV[8])
for n, ticket in ipairs(accepted) do
  local record, bucket, tries = KEYS[ticket[1]], KEYS[ticket[1] + 1], ticket[3]
  local id, digest, request, tail, elo, players = unpack(ARGV, ticket[2], ticket[2] + 5)
  if tail == '' then tail = '1 ' .. ARGV[1] .. ' ' .. request end
  redis.call('HSET', record, 'in', times .. tries .. (digest == '-' and ' ' or '#' .. digest .. ' ') .. request)
  redis.call('HSET', bucket, id, tries .. ' ' .. tail)
  told[#told + 1] = start .. id .. ' ' .. elo .. ' ' .. players
  if #told == perEntry or n == #accepted then
    local entry = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], '*', 'packed', table.concat(told, '\n'))
    -- See EVENTS_PER_ENTRY.
    local count = redis.call('HINCRBY', KEYS[3], 'n', #told)
    local part = math.max(perEntry, math.ceil(tonumber(ARGV[7]) / 200))
    local passed = math.floor(count / part)
    if passed > math.floor((count - #told) / part) then
      redis.call('HSET', KEYS[3], passed, entry)
      local before = passed - math.ceil(tonumber(ARGV[7]) / part)
      local first = redis.call('HGET', KEYS[3], before)
      if first then
        redis.call('XTRIM', KEYS[2], 'MINID', '~', first)
        redis.call('HDEL', KEYS[3], before)
      end
    end
    told = {}
  end
end
return outcomes
