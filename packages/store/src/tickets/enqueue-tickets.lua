-- Puts tickets into a queue, each one wholly or not at all.
--
-- KEYS[1]   due index of the queue
-- KEYS[2]   event stream
-- KEYS[...] for each ticket: its record, its elo bucket, the state key of each of its players, then, where the queue has
--           cool-downs, the cool-down key of each
-- ARGV[1]   now, ms
-- ARGV[2]   ms at which the tickets are due: when a search for them that got lost is made up for
-- ARGV[3]   ms at which the tickets expire
-- ARGV[4]   number of tickets that may wait at once
-- ARGV[5]   queue
-- ARGV[6]   1 where the queue has cool-downs, else 0
-- ARGV[7]   entries that the event stream keeps
-- ARGV[...] for each ticket: id, digest of the request ("" when it can't be repeated), body, packed tail, elo, players
--
-- Returns a list for each ticket:
--   {"queued", createdAt, expiresAt, tries}
--   {"replayed", createdAt, expiresAt, tries, body}  this very request was accepted before, with these answers
--   {"conflict"}                               another request was accepted under this id
--   {"busy", n, state text, …}                 players that are not idle, n counted from 1
--   {"cooling", n, ms until when, …}           players who may not queue yet, n counted from 1
--   {"full"}                                   as many tickets wait as may

local now, due, expires, limit, queue = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local waiting = redis.call('ZCARD', KEYS[1])
local outcomes = {}
local keysPerPlayer = ARGV[6] == '1' and 2 or 1
local key, arg = 3, 8

while arg <= #ARGV do
  local id, digest, body, tail, elo, players =
    ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4], tonumber(ARGV[arg + 5])
  local record, bucket, states = KEYS[key], KEYS[key + 1], key + 1
  arg, key = arg + 6, key + 2 + players * keysPerPlayer

  local known = digest ~= '' and redis.call('HMGET', record, 'digest', 'createdAt', 'expiresAt', 'firstTries', 'body',
    'firstCreatedAt', 'firstExpiresAt', 'firstBody')
  if known and known[1] then
    -- What changed since was answered as it was first.
    outcomes[#outcomes + 1] = known[1] ~= digest and { 'conflict' }
      or { 'replayed', known[6] or known[2], known[7] or known[3], known[4], known[8] or known[5] }
  elseif waiting >= limit then
    outcomes[#outcomes + 1] = { 'full' }
  else
    local busy, cooling, tries, versions = { 'busy' }, { 'cooling' }, 0, {}
    for n = 1, players do
      local text = redis.call('GET', KEYS[states + n])
      versions[n] = now
      if text then
        local state, version, playerTries = string.match(text, '^(%S+) (%d+) %d+ (%d+)')
        if state ~= 'idle' then
          busy[#busy + 1] = n
          busy[#busy + 1] = text
        end
        versions[n] = math.max(tonumber(version) + 1, now)
        tries = math.max(tries, tonumber(playerTries))
      end
      local coolDown = keysPerPlayer == 2 and redis.call('GET', KEYS[states + players + n])
      local untilMs = coolDown and string.match(coolDown, '^%d+')
      if untilMs and tonumber(untilMs) > now then
        cooling[#cooling + 1] = n
        cooling[#cooling + 1] = untilMs
      end
    end
    if #busy > 1 then
      outcomes[#outcomes + 1] = busy
    elseif #cooling > 1 then
      outcomes[#outcomes + 1] = cooling
    else
      -- Whole numbers as text from here on: Redis writes a number as if it had fractions, and that takes its time.
      tries = string.format('%d', tries)
      for n = 1, players do
        local version = versions[n] == now and ARGV[1] or string.format('%.0f', versions[n])
        redis.call('SET', KEYS[states + n],
          'inqueue ' .. version .. ' ' .. ARGV[1] .. ' ' .. tries .. ' ' .. id .. ' 1 - ' .. queue)
      end
      if digest == '' then
        redis.call('HSET', record, 'queue', queue, 'status', 'queued', 'version', '1', 'tries', tries,
          'createdAt', ARGV[1], 'expiresAt', expires, 'body', body)
      else
        redis.call('HSET', record, 'queue', queue, 'status', 'queued', 'version', '1', 'tries', tries,
          'createdAt', ARGV[1], 'expiresAt', expires, 'body', body, 'digest', digest, 'firstTries', tries)
      end
      redis.call('HSET', bucket, id, tries .. ' ' .. tail)
      redis.call('ZADD', KEYS[1], due, id)
      redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], '*', 'type', 'queued', 'queue', queue, 'ticket', id,
        'elo', elo, 'players', ARGV[arg - 1], 'at', ARGV[1])
      waiting = waiting + 1
      outcomes[#outcomes + 1] = { 'queued', ARGV[1], expires, tries }
    end
  end
end

return outcomes
