-- Takes entries for a group of readers, each of which goes to one of them: first what a reader took and, for too long,
-- did not confirm, then what nobody took yet. A group that isn't there begins with what happens from now on.
--
-- KEYS[1]  event stream
-- ARGV[1]  group
-- ARGV[2]  reader
-- ARGV[3]  entries to take at most
-- ARGV[4]  ms after which an entry that wasn't confirmed is taken over
--
-- Returns { entries, entries that were trimmed before the group got them, id after which nobody took any,
--   1 when the group was made now }

local function info(what) return redis.call('XINFO', what, KEYS[1]) end
local function change(verb, ...) return redis.call('XGROUP', verb, KEYS[1], ARGV[1], ...) end
local function named(flat)
  local fields = {}
  for n = 1, #flat, 2 do fields[flat[n]] = flat[n + 1] end
  return fields
end
local function find()
  for _, flat in ipairs(info('GROUPS')) do
    local group = named(flat)
    if group['name'] == ARGV[1] then return group end
  end
end

local made = 0
local stream = redis.call('EXISTS', KEYS[1]) == 1 and named(info('STREAM'))
local group = stream and find()
if not group then
  change('CREATE', '$', 'MKSTREAM', 'ENTRIESREAD', stream and stream['entries-added'] or 0)
  made, stream, group = 1, named(info('STREAM')), find()
end

local claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[4], '0-0', 'COUNT', ARGV[3])
local entries, missed = claimed[2], #claimed[3]
if #entries > 0 or missed > 0 then return { entries, missed, group['last-delivered-id'], made } end

-- Trimmed entries must be counted here: Redis 7.0 takes the entry after a gap for the next one.
local trimmed = stream['entries-added'] - stream['length']
local read = group['entries-read'] or trimmed
if trimmed > read then
  missed = trimmed - read
  change('SETID', group['last-delivered-id'], 'ENTRIESREAD', trimmed)
end
local reading = { 'XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>' }
local reply = redis.call(unpack(reading))
entries = reply and reply[1][2] or {}
local last = #entries > 0 and entries[#entries][1] or group['last-delivered-id']
return { entries, missed, last, made }
