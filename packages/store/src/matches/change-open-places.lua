-- Changes who is in a match and which of its places are open: players it lost are idle at once, and it is found by
-- searches as long as any place is open.
--
-- KEYS[1]   match record
-- KEYS[2]   index by elo of its queue's open matches
-- KEYS[3]   its queue's open matches
-- KEYS[4]   event stream
-- KEYS[...] state key of each player it lost
-- ARGV[1]   match id
-- ARGV[2]   version of its teams that the change was made from
-- ARGV[3]   now, ms
-- ARGV[4]   new body
-- ARGV[5]   packed open match, or "" when no place is open
-- ARGV[6]   its place on the elo axis
-- ARGV[7]   ms for which an idle player is kept
-- ARGV[8]   entries that the event stream keeps
--
-- Returns "done" | "over" when it has ended | "gone" when there is no such match
--   | "changed" when its teams are others by now

local state, queue, version = unpack(redis.call('HMGET', KEYS[1], 'state', 'queue', 'version'))
if not state then return 'gone' end
if state == 'ended' then return 'over' end
if version ~= ARGV[2] then return 'changed' end

local id, now, packed = ARGV[1], tonumber(ARGV[3]), ARGV[5]
for n = 5, #KEYS do
  local text = redis.call('GET', KEYS[n])
  local playerVersion, tries, ticket, match = string.match(text or '', '^inmatch (%d+) %d+ (%d+) (%S+) %S+ (%S+)')
  if match == id then
    redis.call('SET', KEYS[n],
      string.format('idle %.0f %.0f %s %s - - %s', math.max(tonumber(playerVersion) + 1, now), now, tries, ticket, queue),
      'PX', ARGV[7])
  end
end
redis.call('HSET', KEYS[1], 'body', ARGV[4], 'version', tonumber(version) + 1, 'state', packed == '' and 'live' or 'open')
if packed == '' then
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
else
  redis.call('ZADD', KEYS[2], ARGV[6], id)
  redis.call('HSET', KEYS[3], id, packed)
end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[8], '*', 'type', packed == '' and 'closed' or 'opened', 'queue', queue,
  'match', id, 'at', ARGV[3])
return 'done'
