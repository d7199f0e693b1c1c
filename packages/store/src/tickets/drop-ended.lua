-- Drops the records of tickets that were matched so long ago that nobody asks for them any more.
--
-- KEYS[1]   index of tickets that ended together
-- KEYS[...] record of each ticket
-- ARGV[...] entries of the index, in which these tickets stand
--
-- Returns how many were dropped

local over = {}
for n = 2, #KEYS do
  -- One that isn't matched any more expires by itself.
  local status = redis.call('HGET', KEYS[n], 'status')
  if status and string.sub(status, 1, 8) == 'matched ' then over[#over + 1] = KEYS[n] end
end
if #over > 0 then redis.call('UNLINK', unpack(over)) end
redis.call('ZREM', KEYS[1], unpack(ARGV))
return #over
