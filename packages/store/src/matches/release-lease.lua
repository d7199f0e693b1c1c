-- Gives the movers' lease up, so that a standby needn't wait for it to run out.
--
-- KEYS[1]  lease
-- ARGV[1]  token of the mover that gives it up
--
-- Returns 1 when it was its to give up, 0 when not

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
