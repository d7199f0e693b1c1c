-- Makes connections the holders of players for a while.
--
-- KEYS[1]   presence
-- KEYS[2]   holders of presence
-- ARGV[1]   ms until which the players are known to be there
-- ARGV[2]   1 to take players over from all other connections, 0 only from those that were opened earlier
-- ARGV[...] for each player: its id, the connection's token, which begins with when it was opened, ms
--
-- Returns for each player who held it before: "own", "nobody", "earlier" or "other", the last for one opened later
-- or at the same time

local openedAt = function(token) return tonumber(string.match(token, '^%d+')) or math.huge end

local before = {}
for n = 3, #ARGV, 2 do
  local player, token = ARGV[n], ARGV[n + 1]
  local holder = redis.call('HGET', KEYS[2], player)
  local word = not holder and 'nobody' or holder == token and 'own'
    or openedAt(holder) < openedAt(token) and 'earlier' or 'other'
  if word ~= 'other' or ARGV[2] == '1' then
    redis.call('ZADD', KEYS[1], ARGV[1], player)
    if word ~= 'own' then redis.call('HSET', KEYS[2], player, token) end
  end
  before[#before + 1] = word
end
return before
