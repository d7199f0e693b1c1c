-- Gives a waiting ticket other parameters, if it still has the version that the change was made from.
--
-- KEYS[1]   ticket record
-- KEYS[2]   due index of its queue
-- KEYS[3]   elo bucket of its parameters so far
-- KEYS[4]   elo bucket of the new ones
-- KEYS[5]   event stream
-- KEYS[...] state key of each of its players
-- ARGV[1]   ticket id
-- ARGV[2]   the version that it must have
-- ARGV[3]   now, ms
-- ARGV[4]   packed request
-- ARGV[5]   packed tail, with the version that follows
-- ARGV[6]   when it begins to wait anew: ms at which it expires; "" for a ticket that keeps its place
-- ARGV[7]   entries that the event stream keeps
--
-- Returns {"changed", tries, 1 when it is in its bucket, 0 when a player of it is away}
--   | {"other"} when it ended or has another version

local accepted, status, version, tries, expires, away, awayUntil =
  unpack(redis.call('HMGET', KEYS[1], 'in', 'status', 'version', 'tries', 'expiresAt', 'away', 'awayUntil'))
version = version or '1'
if not accepted or (status or 'queued') ~= 'queued' or version ~= ARGV[2] then return { 'other' } end
local queue, created, expireAfter, firstTries = string.match(accepted, '^(%S+) (%d+) (%d+) (%d+)')
tries, expires = tries or firstTries, expires or created + expireAfter

local id, now, nextVersion = ARGV[1], tonumber(ARGV[3]), tonumber(version) + 1
for n = 6, #KEYS do
  local playerVersion, at, start, rest =
    string.match(redis.call('GET', KEYS[n]) or '', '^inqueue (%d+) (%S+) (%d+ %S+) %d+ (.*)$')
  if playerVersion then
    if at == '=' then at = playerVersion end
    redis.call('SET', KEYS[n],
      string.format('inqueue %.0f %s %s %d %s', math.max(tonumber(playerVersion) + 1, now), at, start, nextVersion, rest))
  end
end
if ARGV[6] ~= '' then
  tries, expires = '0', ARGV[6]
  redis.call('HSET', KEYS[1], 'tries', 0, 'createdAt', ARGV[3], 'expiresAt', expires)
end
redis.call('HSET', KEYS[1], 'version', nextVersion, 'request', ARGV[4])
if away then
  redis.call('ZADD', KEYS[2], math.min(tonumber(awayUntil), tonumber(expires)), id)
else
  redis.call('HSET', KEYS[4], id, tries .. ' ' .. ARGV[5])
  redis.call('ZADD', KEYS[2], now, id)
end
-- Not before: a bucket that is empty for a moment is gone, and in a slot that is moving it can't be made again.
if away or KEYS[3] ~= KEYS[4] then redis.call('HDEL', KEYS[3], id) end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[7], '*', 'type', 'changed', 'queue', queue, 'ticket', id, 'at', ARGV[3])
return { 'changed', tries, away and 0 or 1 }
