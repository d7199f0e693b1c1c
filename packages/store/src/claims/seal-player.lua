-- Keeps a player out of its partition, if it is idle there, so that its claim may leave: no enqueue and no spectating
-- takes it from here on.
--
-- KEYS[1]  its state
-- KEYS[2]  its cool-down
-- ARGV[1]  now, ms
-- ARGV[2]  epoch of the claim by which it is here
-- ARGV[3]  ms for which it is kept out: longer than anybody believes an old claim
-- ARGV[4]  1 if it must not leave before its cool-down is over, else 0
--
-- Returns {"sealed", epoch that a claim elsewhere is to have} | {"busy", state text} | {"cooling", ms until when}

local text = redis.call('GET', KEYS[1]) or 'idle 0 0 0 - - - -'
local state, version, tries, ticket, queue = string.match(text, '^(%S+) (%d+) %S+ (%d+) (%S+) %S+ %S+ (%S+)')
if state ~= 'idle' and state ~= 'elsewhere' then return { 'busy', text } end
local now = tonumber(ARGV[1])
local untilMs = ARGV[4] == '1' and string.match(redis.call('GET', KEYS[2]) or '', '^%d+')
if untilMs and tonumber(untilMs) > now then return { 'cooling', untilMs } end
local epoch = string.format('%.0f', math.max(tonumber(version), tonumber(ARGV[2]), now) + 1)
redis.call('SET', KEYS[1], 'elsewhere ' .. epoch .. ' ' .. ARGV[1] .. ' ' .. tries .. ' ' .. ticket .. ' - - ' .. queue,
  'PX', ARGV[3])
return { 'sealed', epoch }
