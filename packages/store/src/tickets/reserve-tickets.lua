-- Notes tickets that a search has taken, unless others have taken some that the caller doesn't know of yet. Only a hint:
-- nobody's place depends on it, since the commit checks everything.
--
-- KEYS[1]  stream of what searches have taken of late
-- ARGV[1]  id of the last entry that the caller knows, or "0"
-- ARGV[2]  ms until which the tickets are taken
-- ARGV[3]  the tickets in one text, as "id version id version …"
-- ARGV[4]  ms for which they are taken: older entries may go
--
-- Returns the id of the new entry | the entries that the caller must know first: then nothing was noted

local missed = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')
if #missed > 0 then return missed end
local time = redis.call('TIME')
local oldest = string.format('%.0f', time[1] * 1000 - ARGV[4])
local id = redis.call('XADD', KEYS[1], 'MINID', '~', oldest, '*', 'until', ARGV[2], 'tickets', ARGV[3])
redis.call('PEXPIRE', KEYS[1], 10 * ARGV[4])
return id
