-- Reads what happened from a place in the event stream on, and how many entries the stream ever had and has no more.
--
-- KEYS[1]  event stream
-- ARGV[1]  where to begin, as in XRANGE: an entry's id, with "(" before it to begin after it
-- ARGV[2]  entries to read at most; 0 for none
--
-- Returns { entries, entries ever added, entries trimmed, id of the newest, id of the oldest or "" }

if redis.call('EXISTS', KEYS[1]) == 0 then return { {}, 0, 0, '0-0', '' } end

local about = {}
local flat = (function(what) return redis.call('XINFO', what, KEYS[1]) end)('STREAM')
for n = 1, #flat, 2 do about[flat[n]] = flat[n + 1] end
local entries = {}
if tonumber(ARGV[2]) > 0 then
  entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
end
local added = about['entries-added']
local oldest = about['first-entry'] and about['first-entry'][1] or ''
return { entries, added, added - about['length'], about['last-generated-id'], oldest }
