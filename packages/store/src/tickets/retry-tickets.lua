-- Sets when waiting tickets are looked at again: after a search without a match (counts a try) or a lost proposal.
-- A ticket that has ended or changed in between is left alone.
--
-- KEYS[1]   due index of the queue
-- KEYS[...] for each ticket: its record, its elo bucket
-- ARGV[1]   ms at which they are due
-- ARGV[2]   1 to count a try, 0 not to
-- ARGV[...] for each ticket: id, version, tries that the search saw
--
-- Returns how many tickets still wait

local waiting = 0
for n = 1, (#KEYS - 1) / 2 do
  local record, bucket = KEYS[2 * n], KEYS[2 * n + 1]
  local id, version, seen = ARGV[3 * n], ARGV[3 * n + 1], ARGV[3 * n + 2]
  local accepted, status, current, tries, expires =
    unpack(redis.call('HMGET', record, 'in', 'status', 'version', 'tries', 'expiresAt'))
  if accepted and (status or 'queued') == 'queued' and (current or '1') == version then
    local created, expireAfter, firstTries = string.match(accepted, '^%S+ (%d+) (%d+) (%d+)')
    tries, expires = tries or firstTries, expires or created + expireAfter
    -- Two searches may have served the same ticket at once: that is one try.
    if ARGV[2] == '1' and tries == seen then
      local packed = redis.call('HGET', bucket, id)
      local more = tonumber(tries) + 1
      redis.call('HSET', record, 'tries', more)
      if packed then redis.call('HSET', bucket, id, more .. string.match(packed, '^%d+(.*)$')) end
    end
    redis.call('ZADD', KEYS[1], 'XX', math.min(tonumber(ARGV[1]), tonumber(expires)), id)
    waiting = waiting + 1
  end
end
return waiting
