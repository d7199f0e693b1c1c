-- Reads the open matches of a queue near an elo.
--
-- KEYS[1]  index by elo of the open matches
-- KEYS[2]  the open matches
-- ARGV[1]  lowest elo
-- ARGV[2]  elo around which to read, to both sides
-- ARGV[3]  highest elo
-- ARGV[4]  matches to read on each side at most
--
-- Returns packed open matches

if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local ids = redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[1], 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[4])
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '(' .. ARGV[2], ARGV[3], 'BYSCORE', 'LIMIT', 0, ARGV[4])) do
  ids[#ids + 1] = id
end
local found = {}
for _, id in ipairs(ids) do
  local packed = redis.call('HGET', KEYS[2], id)
  if packed then found[#found + 1] = packed end
end
return found
