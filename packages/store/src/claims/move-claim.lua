-- Moves a player's claim, if it is still what it was when the move was decided.
--
-- KEYS[1]  claim
-- ARGV[1]  what it must be; "" for absent
-- ARGV[2]  what it becomes
-- ARGV[3]  ms for which it is kept
--
-- Returns "moved" | "other" when another was faster

if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 'other' end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 'moved'
