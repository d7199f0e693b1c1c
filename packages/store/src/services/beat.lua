-- Keeps what a service says of itself, and forgets those that have been silent for long.
--
-- KEYS[1]  what services said last
-- KEYS[2]  services by the time at which they said it
-- ARGV[1]  name of the service
-- ARGV[2]  now, ms
-- ARGV[3]  what it says, JSON; "" when it stops and is to be forgotten at once
-- ARGV[4]  ms after which a silent one is forgotten
--
-- Returns how many were forgotten

local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[2]) - tonumber(ARGV[4]))
if ARGV[3] == '' then gone[#gone + 1] = ARGV[1] end
for _, name in ipairs(gone) do
  redis.call('HDEL', KEYS[1], name)
  redis.call('ZREM', KEYS[2], name)
end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
end
return #gone
