-- Takes the tickets that have been due the longest and makes them due again later, in case their search gets lost.
--
-- KEYS[1]  due index of the queue
-- ARGV[1]  now, ms
-- ARGV[2]  how many at most
-- ARGV[3]  ms at which they are due again
--
-- Returns their ids, the longest due first

local ids = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  redis.call('ZADD', KEYS[1], ARGV[3], id)
end
return ids
