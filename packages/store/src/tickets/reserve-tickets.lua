-- Takes groups of tickets for one searcher, each group wholly or not at all, for a while. Only a hint: nobody's place
-- depends on it, since the commit checks everything.
--
-- KEYS[1]   reserved tickets by the ms until which they are
-- ARGV[1]   now, ms
-- ARGV[2]   until, ms
-- ARGV[...] for each group the number of its tickets, then each as "id version"
--
-- Returns for each ticket in order: 1 when another group has it, else 0

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local answer = {}
local n = 3
while n <= #ARGV do
  local last = n + tonumber(ARGV[n])
  local found = redis.call('ZMSCORE', KEYS[1], unpack(ARGV, n + 1, last))
  local free = true
  for i = 1, #found do
    if found[i] then free = false end
    answer[#answer + 1] = found[i] and 1 or 0
  end
  if free then
    local adding = {}
    for i = n + 1, last do
      adding[#adding + 1] = ARGV[2]
      adding[#adding + 1] = ARGV[i]
    end
    redis.call('ZADD', KEYS[1], unpack(adding))
  end
  n = last + 1
end
redis.call('PEXPIRE', KEYS[1], 10 * (ARGV[2] - ARGV[1]))
return answer
