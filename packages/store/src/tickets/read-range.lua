-- Reads waiting tickets near an elo: bucket after bucket in the order given, until there are enough.
--
-- KEYS     elo buckets, the nearest first
-- ARGV[1]  tickets to take from one bucket at most; of a fuller one a random sample, so that a crowd costs no more
-- ARGV[2]  tickets to take in all; the last bucket may go over it
-- ARGV[3]  a random whole number, below 2^32
--
-- Returns for each its id and what its bucket says of it

local perBucket, total, random = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local found = {}

local function about(what, bucket) return redis.call('OBJECT', what, bucket) end
local function take(texts)
  for _, text in ipairs(texts) do found[#found + 1] = text end
end

-- Tickets that stand one after the other in the hash's table, where their ids' hashes have put them, from a random place on.
-- HRANDFIELD looks at some fifteen tickets for each that it takes, which in a crowd are in no cache.
local function takeSome(bucket)
  local cursor, taken, seen = random, 0, {}
  repeat
    local reply = redis.call('HSCAN', bucket, cursor, 'COUNT', perBucket)
    local texts = reply[2]
    cursor = reply[1]
    for n = 1, #texts, 2 do
      -- After the end of the table comes its beginning, and in the end what was seen first.
      if taken < perBucket and not seen[texts[n]] then
        seen[texts[n]] = true
        taken = taken + 1
        found[#found + 1] = texts[n]
        found[#found + 1] = texts[n + 1]
      end
    end
  until taken == perBucket
end

for _, bucket in ipairs(KEYS) do
  local size = redis.call('HLEN', bucket)
  if size > perBucket then
    -- A hash in one compact block is scanned as a whole: of that a sample is cheap.
    if about('ENCODING', bucket) == 'hashtable' then
      takeSome(bucket)
    else
      take(redis.call('HRANDFIELD', bucket, perBucket, 'WITHVALUES'))
    end
  elseif size > 0 then
    take(redis.call('HGETALL', bucket))
  end
  if #found >= 2 * total then break end
end
return found
