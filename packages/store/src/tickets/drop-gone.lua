-- Takes tickets whose record is gone out of what is due, so that nobody looks for them again.
--
-- KEYS[1]   due index of the queue
-- KEYS[...] record of each ticket
-- ARGV[...] their ids, in the same order
--
-- Returns how many were taken out

local dropped = 0
for n, id in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[n + 1]) == 0 then
    dropped = dropped + redis.call('ZREM', KEYS[1], id)
  end
end
return dropped
