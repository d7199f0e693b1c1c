-- Takes or renews the movers' lease. Taking it writes the fence in the same step: a leader of before can't commit
-- from here on, whatever it still believes.
--
-- KEYS[1]  lease
-- KEYS[2]  fence
-- KEYS[3]  event stream
-- ARGV[1]  token of the mover that asks
-- ARGV[2]  ms for which the lease holds
-- ARGV[3]  entries that the event stream keeps
-- ARGV[4]  what events call the mover
-- ARGV[5]  now, ms
--
-- Returns "taken" | "renewed" | "other" when another mover holds it

local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 'renewed'
end
if holder then return 'other' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[1])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*', 'type', 'led', 'queue', '', 'mover', ARGV[4], 'at', ARGV[5])
return 'taken'
