-- Ends a match: every player that is still in it is idle again.
--
-- KEYS[1]   match record
-- KEYS[2]   index of match ends
-- KEYS[3]   event stream
-- KEYS[...] state key of each of its players
-- ARGV[1]   match id
-- ARGV[2]   now, ms
-- ARGV[3]   ms for which the record is kept
-- ARGV[4]   ms for which an idle player is kept
-- ARGV[5]   entries that the event stream keeps
--
-- Returns "ended" | "over" when it had ended already | "gone" when there is no such match

local state, queue = unpack(redis.call('HMGET', KEYS[1], 'state', 'queue'))
if not state then return 'gone' end
if state == 'ended' then return 'over' end

local id, now = ARGV[1], tonumber(ARGV[2])
for n = 4, #KEYS do
  local text = redis.call('GET', KEYS[n])
  local version, tries, ticket, match = string.match(text or '', '^inmatch (%d+) %d+ (%d+) (%S+) %S+ (%S+)')
  if match == id then
    redis.call('SET', KEYS[n],
      string.format('idle %.0f %.0f %s %s - - %s', math.max(tonumber(version) + 1, now), now, tries, ticket, queue),
      'PX', ARGV[4])
  end
end
redis.call('HSET', KEYS[1], 'state', 'ended', 'endedAt', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZREM', KEYS[2], id)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'type', 'ended', 'queue', queue, 'match', id, 'at', ARGV[2])
return 'ended'
