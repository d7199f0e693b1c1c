-- Takes a waiting ticket out of its queue for good: cancelled by the caller, or expired.
--
-- KEYS[1]   ticket record
-- KEYS[2]   due index of its queue
-- KEYS[3]   its elo bucket
-- KEYS[4]   event stream
-- KEYS[...] state key of each of its players
-- ARGV[1]   ticket id
-- ARGV[2]   the version whose bucket and players the keys are of
-- ARGV[3]   status it ends with: cancelled or expired
-- ARGV[4]   now, ms
-- ARGV[5]   ms for which the record is kept
-- ARGV[6]   ms for which an idle player is kept
-- ARGV[7]   entries that the event stream keeps
-- ARGV[8]   reason, or "" for none
--
-- Returns {"ended"} | {"changed"} when its version is another by now
--   | {"over", status, match or "-"} when it had ended already | {"gone"} when there is no such ticket

local accepted, status, version, tries, createdAt =
  unpack(redis.call('HMGET', KEYS[1], 'in', 'status', 'version', 'tries', 'createdAt'))
if not accepted then return { 'gone' } end
if (status or 'queued') ~= 'queued' then return { 'over', string.match(status, '^(%S+) (%S+)') } end
if (version or '1') ~= ARGV[2] then return { 'changed' } end
local queue, firstCreatedAt, firstTries = string.match(accepted, '^(%S+) (%d+) %d+ (%d+)')
tries, createdAt = tries or firstTries, createdAt or firstCreatedAt

local id, now = ARGV[1], tonumber(ARGV[4])
for n = 5, #KEYS do
  local text = redis.call('GET', KEYS[n])
  local state, playerVersion, ticket = string.match(text or '', '^(%S+) (%d+) %S+ %d+ (%S+)')
  -- A player whose state names another ticket is not this ticket's to free.
  if state == 'inqueue' and ticket == id then
    redis.call('SET', KEYS[n],
      string.format('idle %.0f %.0f %s %s - - %s', math.max(tonumber(playerVersion) + 1, now), now, tries, id, queue),
      'PX', ARGV[6])
  end
end
redis.call('HSET', KEYS[1], 'status', ARGV[3] .. ' - ' .. ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZREM', KEYS[2], id)
redis.call('HDEL', KEYS[3], id)
local event = { 'type', ARGV[3], 'queue', queue, 'ticket', id, 'at', ARGV[4], 'createdAt', createdAt, 'tries', tries }
if ARGV[8] ~= '' then
  redis.call('HSET', KEYS[1], 'reason', ARGV[8])
  event[#event + 1] = 'reason'
  event[#event + 1] = ARGV[8]
end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[7], '*', unpack(event))
return { 'ended' }
