-- Notes that players of a waiting ticket are back. When nobody of it is away any more, it is seen by searches again, in
-- its old place.
--
-- KEYS[1]   holders of presence
-- KEYS[2]   event stream
-- KEYS[3]   ticket record
-- KEYS[4]   due index of its queue
-- KEYS[5]   its elo bucket
-- KEYS[...] state key of each of its players
-- ARGV[1]   now, ms
-- ARGV[2]   token: only players that it holds are back; "" for any player
-- ARGV[3]   entries that the event stream keeps
-- ARGV[4]   ticket id
-- ARGV[5]   the version whose bucket and players the keys are of
-- ARGV[6]   packed tail, with the version that follows
-- ARGV[...] players
--
-- Returns "done" | "changed" when the ticket has ended or its version is another

local accepted, status, version, away, tries =
  unpack(redis.call('HMGET', KEYS[3], 'in', 'status', 'version', 'away', 'tries'))
version = version or '1'
if not accepted or (status or 'queued') ~= 'queued' or version ~= ARGV[5] then return 'changed' end
if not away then return 'done' end
local queue, firstTries = string.match(accepted, '^(%S+) %d+ %d+ (%d+)')
tries = tries or firstTries

local now, id = tonumber(ARGV[1]), ARGV[4]
local back = {}
for n = 7, #ARGV do
  if ARGV[2] == '' or redis.call('HGET', KEYS[1], ARGV[n]) == ARGV[2] then back[ARGV[n]] = true end
end
local still = {}
for player in string.gmatch(away, '%S+') do
  if back[player] then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'type', 'reconnected', 'queue', queue,
      'player', player, 'ticket', id, 'at', ARGV[1])
  else
    still[#still + 1] = player
  end
end
if #still > 0 then
  redis.call('HSET', KEYS[3], 'away', table.concat(still, ' '))
  return 'done'
end

local nextVersion = tonumber(version) + 1
for n = 6, #KEYS do
  local playerVersion, at, start, rest =
    string.match(redis.call('GET', KEYS[n]) or '', '^inqueue (%d+) (%S+) (%d+ %S+) %d+ (.*)$')
  if playerVersion then
    if at == '=' then at = playerVersion end
    redis.call('SET', KEYS[n],
      string.format('inqueue %.0f %s %s %d %s', math.max(tonumber(playerVersion) + 1, now), at, start, nextVersion, rest))
  end
end
redis.call('HDEL', KEYS[3], 'away', 'awayUntil')
redis.call('HSET', KEYS[3], 'version', nextVersion)
redis.call('HSET', KEYS[5], id, tries .. ' ' .. ARGV[6])
redis.call('ZADD', KEYS[4], now, id)
return 'done'
