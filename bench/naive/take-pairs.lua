-- Pairs waiting players who are neighbours by elo.
--
-- KEYS[1]  queue: zset, player by elo
-- KEYS[2]  hash: match -> players
-- KEYS[3]  hash: player -> match, "" while it waits
-- ARGV[1]  how far apart two may be, elo
-- ARGV[2]  prefix of the new matches' ids
--
-- Returns the players, each two of them a match

local waiting = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local taken, n = {}, 1
while n + 3 <= #waiting do
  if tonumber(waiting[n + 3]) - tonumber(waiting[n + 1]) <= tonumber(ARGV[1]) then
    local first, second, match = waiting[n], waiting[n + 2], ARGV[2] .. #taken
    redis.call('ZREM', KEYS[1], first, second)
    redis.call('HSET', KEYS[2], match, first .. ' ' .. second)
    redis.call('HSET', KEYS[3], first, match, second, match)
    taken[#taken + 1] = first
    taken[#taken + 1] = second
    n = n + 4
  else
    n = n + 2
  end
end
return taken
