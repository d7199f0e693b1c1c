-- Puts a player into the queue unless it is in it, or in a match.
--
-- KEYS[1]  queue: zset, player by elo
-- KEYS[2]  hash: player -> match, "" while it waits
-- ARGV[1]  player
-- ARGV[2]  elo
--
-- Returns 1 when it joined, else 0

if redis.call('HSETNX', KEYS[2], ARGV[1], '') == 0 then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return 1
