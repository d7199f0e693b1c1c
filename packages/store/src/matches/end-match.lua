-- Ends a match: every player that is still in it is idle again, and nobody can join it any more.
--
-- KEYS[1]   match record
-- KEYS[2]   index of match ends
-- KEYS[3]   event stream
-- KEYS[4]   index by elo of its queue's open matches
-- KEYS[5]   its queue's open matches
-- KEYS[...] state key of each of its players
-- ARGV[1]   match id
-- ARGV[2]   version of its teams, whose players are named
-- ARGV[3]   now, ms
-- ARGV[4]   ms for which the record is kept
-- ARGV[5]   ms for which an idle player is kept
-- ARGV[6]   entries that the event stream keeps
--
-- Returns "ended" | "over" when it had ended already | "gone" when there is no such match
--   | "changed" when its teams are others by now

local state, queue, version = unpack(redis.call('HMGET', KEYS[1], 'state', 'queue', 'version'))
if not state then return 'gone' end
if state == 'ended' then return 'over' end
if version ~= ARGV[2] then return 'changed' end

local id, now = ARGV[1], tonumber(ARGV[3])
for n = 6, #KEYS do
  local text = redis.call('GET', KEYS[n])
  local playerVersion, tries, ticket, match = string.match(text or '', '^inmatch (%d+) %d+ (%d+) (%S+) %S+ (%S+)')
  if match == id then
    redis.call('SET', KEYS[n],
      string.format('idle %.0f %.0f %s %s - - %s', math.max(tonumber(playerVersion) + 1, now), now, tries, ticket, queue),
      'PX', ARGV[5])
  end
end
redis.call('HSET', KEYS[1], 'state', 'ended', 'endedAt', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZREM', KEYS[2], id)
redis.call('ZREM', KEYS[4], id)
redis.call('HDEL', KEYS[5], id)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[6], '*', 'type', 'ended', 'queue', queue, 'match', id, 'at', ARGV[3])
return 'ended'
