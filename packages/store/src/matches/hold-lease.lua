-- Takes or renews the movers' lease. Taking it writes the fence in the same step: a leader of before can't commit
-- from here on, whatever it still believes.
--
-- KEYS[1]  lease
-- KEYS[2]  fence
-- ARGV[1]  token of the mover that asks
-- ARGV[2]  ms for which the lease holds
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
return 'taken'
