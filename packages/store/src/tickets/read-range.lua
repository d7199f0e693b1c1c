-- Reads waiting tickets near an elo: bucket after bucket in the order given, until there are enough.
--
-- KEYS     elo buckets, the nearest first
-- ARGV[1]  tickets to take from one bucket at most; of a fuller one a random sample, so that a crowd costs no more
-- ARGV[2]  tickets to take in all; the last bucket may go over it
--
-- Returns for each its id and what its bucket says of it

local perBucket, total = tonumber(ARGV[1]), tonumber(ARGV[2])
local found = {}
for _, bucket in ipairs(KEYS) do
  local size = redis.call('HLEN', bucket)
  if size > perBucket then
    for _, text in ipairs(redis.call('HRANDFIELD', bucket, perBucket, 'WITHVALUES')) do found[#found + 1] = text end
  elseif size > 0 then
    for _, text in ipairs(redis.call('HGETALL', bucket)) do found[#found + 1] = text end
  end
  if #found >= 2 * total then break end
end
return found
