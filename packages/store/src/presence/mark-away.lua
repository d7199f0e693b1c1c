-- Marks players as away: those who all wait in one ticket, or those of whom none waits. Their connections are forgotten,
-- but for the silence of those who are still to be noted in their matches.
-- A ticket with a player away is out of its elo bucket, where no search sees it, until everyone is back.
--
-- KEYS[1]   presence
-- KEYS[2]   holders of presence
-- KEYS[3]   event stream
-- KEYS[4]   with a ticket: its record
-- KEYS[5]   with a ticket: due index of its queue
-- KEYS[6]   with a ticket: its elo bucket
-- KEYS[...] with a ticket: state key of each of its players
-- ARGV[1]   now, ms
-- ARGV[2]   who says so: "holder" (of players that ARGV[3] holds), "silence" (of players whose time is over), "nobody"
--           (of players whom no connection stands for) or "realm" (of any player; its connection stays as it is)
-- ARGV[3]   token of the holder, or ""
-- ARGV[4]   entries that the event stream keeps
-- ARGV[5]   ticket id, or ""
-- ARGV[6]   the version whose bucket and players the keys are of; without a ticket: "silent" to keep them in presence as
--           players who fell silent just now, so that the sweeper looks at them again if nobody else does
-- ARGV[7]   ms for which the ticket's players may be away
-- ARGV[...] players
--
-- Returns {"done", player, …} with the players for whom it was so | {"changed"} when the ticket's version is another

local now, who, id = tonumber(ARGV[1]), ARGV[2], ARGV[5]
local accepted, status, version, queue, away, awayUntil, expires
if id ~= '' then
  accepted, status, version, away, awayUntil, expires =
    unpack(redis.call('HMGET', KEYS[4], 'in', 'status', 'version', 'away', 'awayUntil', 'expiresAt'))
  version = version or '1'
  if not accepted or (status or 'queued') ~= 'queued' or version ~= ARGV[6] then return { 'changed' } end
  local created, expireAfter
  queue, created, expireAfter = string.match(accepted, '^(%S+) (%d+) (%d+)')
  expires = expires or created + expireAfter
end

local done, absent = { 'done' }, {}
for player in string.gmatch(away or '', '%S+') do absent[player] = true end
local list = away or ''
for n = 8, #ARGV do
  local player, so = ARGV[n], true
  if who == 'holder' then so = redis.call('HGET', KEYS[2], player) == ARGV[3] end
  if who == 'nobody' then so = not redis.call('HGET', KEYS[2], player) end
  if who == 'silence' then so = tonumber(redis.call('ZSCORE', KEYS[1], player) or 'inf') <= now end
  if so then
    done[#done + 1] = player
    if id ~= '' and not absent[player] then
      absent[player] = true
      list = list == '' and player or list .. ' ' .. player
      redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'type', 'disconnected', 'queue', queue,
        'player', player, 'ticket', id, 'at', ARGV[1])
    end
  end
end
-- All at once: what is empty after one of them is gone, and in a slot that is moving it can't be asked again.
if who ~= 'realm' and #done > 1 then
  redis.call('HDEL', KEYS[2], unpack(done, 2))
  if id == '' and ARGV[6] == 'silent' then
    for n = 2, #done do redis.call('ZADD', KEYS[1], ARGV[1], done[n]) end
  else
    redis.call('ZREM', KEYS[1], unpack(done, 2))
  end
end
if list == (away or '') then return done end

redis.call('HSET', KEYS[4], 'away', list)
-- The time runs from the first one on.
if away then return done end
awayUntil = now + tonumber(ARGV[7])
local nextVersion = tonumber(version) + 1
for n = 7, #KEYS do
  local playerVersion, at, start, rest =
    string.match(redis.call('GET', KEYS[n]) or '', '^inqueue (%d+) (%S+) (%d+ %S+) %d+ (.*)$')
  if playerVersion then
    if at == '=' then at = playerVersion end
    redis.call('SET', KEYS[n],
      string.format('inqueue %.0f %s %s %d %s', math.max(tonumber(playerVersion) + 1, now), at, start, nextVersion, rest))
  end
end
redis.call('HSET', KEYS[4], 'version', nextVersion, 'awayUntil', string.format('%.0f', awayUntil))
redis.call('HDEL', KEYS[6], id)
redis.call('ZADD', KEYS[5], math.min(awayUntil, tonumber(expires)), id)
return done
