-- Takes two users who wait for instant matches out of their queue and makes their session, wholly or not at all.
--
-- KEYS[1]   due index of the queue
-- KEYS[2]   elo bucket of the queue, in which all its tickets are
-- KEYS[3]   list of recent waits of the queue
-- KEYS[4]   match record
-- KEYS[5]   index of when matches are due
-- KEYS[6]   event stream
-- KEYS[...] of the one who claims, then of the one who is claimed: ticket record, state key, partners
-- ARGV[1]   now, ms
-- ARGV[2]   queue
-- ARGV[3]   match id
-- ARGV[4]   ms at which the session ends
-- ARGV[5]   how the match was made, as its record says it
-- ARGV[6]   ms for which the tickets are kept
-- ARGV[7]   entries that the event stream keeps
-- ARGV[8]   waits that are kept
-- ARGV[9]   ms for which they are kept
-- ARGV[10]  partners that are kept of each
-- ARGV[11]  ms for which they are avoided
-- ARGV[...] of the one who claims, then of the one who is claimed: ticket id, alias, user
--
-- Returns {"session"} | {"gone", 1 or 2}: the one who claims, or the one who is claimed, doesn't wait under this alias

local now, queue, match = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local both = {}
for n = 1, 2 do
  local record, state, arg = KEYS[4 + 3 * n], KEYS[5 + 3 * n], 9 + 3 * n
  local id, alias = ARGV[arg], ARGV[arg + 1]
  local accepted, status, away, version, created, request =
    unpack(redis.call('HMGET', record, 'in', 'status', 'away', 'version', 'createdAt', 'request'))
  if not accepted or (status or 'queued') ~= 'queued' or away then return { 'gone', n } end
  -- The alias is random, and new with each request and change: it stands in no other request.
  if not string.find(request or accepted, '"alias":"' .. alias .. '"', 1, true) then return { 'gone', n } end
  local name, playerVersion, ticket = string.match(redis.call('GET', state) or '', '^(%S+) (%d+) %S+ %d+ (%S+)')
  if name ~= 'inqueue' or ticket ~= id then return { 'gone', n } end
  both[n] = { record = record, state = state, partners = KEYS[6 + 3 * n], id = id, user = ARGV[arg + 2],
    version = version or '1', playerVersion = tonumber(playerVersion),
    created = tonumber(created or string.match(accepted, '^%S+ (%d+)')) }
end

for n, each in ipairs(both) do
  redis.call('SET', each.state, string.format('inmatch %.0f %.0f 0 %s %s %s %s',
    math.max(each.playerVersion + 1, now), now, each.id, each.version, match, queue))
  redis.call('HSET', each.record, 'status', 'matched ' .. match .. ' ' .. ARGV[1])
  redis.call('PEXPIRE', each.record, ARGV[6])
  redis.call('ZREM', KEYS[1], each.id)
  redis.call('HDEL', KEYS[2], each.id)
  redis.call('LPUSH', KEYS[3], string.format('%.0f', math.max(0, now - each.created)))
  if tonumber(ARGV[10]) > 0 then
    redis.call('ZADD', each.partners, string.format('%.0f', now + tonumber(ARGV[11])), both[3 - n].user)
    redis.call('ZREMRANGEBYRANK', each.partners, 0, -1 - tonumber(ARGV[10]))
    redis.call('PEXPIRE', each.partners, ARGV[11])
  end
end
redis.call('LTRIM', KEYS[3], 0, tonumber(ARGV[8]) - 1)
redis.call('PEXPIRE', KEYS[3], ARGV[9])
redis.call('HSET', KEYS[4], 'made', ARGV[5])
redis.call('ZADD', KEYS[5], ARGV[4], match)
redis.call('XADD', KEYS[6], 'MAXLEN', '~', ARGV[7], '*', 'type', 'matched', 'queue', queue, 'match', match,
  'at', ARGV[1], 'tickets', both[1].id .. ' ' .. both[2].id)
return { 'session' }
