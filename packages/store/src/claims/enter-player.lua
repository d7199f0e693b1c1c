-- Lets a player into a partition that its claim names: its versions go on above the claim's epoch, and what kept it out
-- before that epoch does so no more.
--
-- KEYS[1]  its state
-- ARGV[1]  now, ms
-- ARGV[2]  epoch of the claim
-- ARGV[3]  ms for which an idle player is kept
--
-- Returns {"in"} | {"sealed", epoch} when it was kept out by one who knew this claim or a later one

local text = redis.call('GET', KEYS[1]) or 'idle 0 0 0 - - - -'
local state, version, tries, ticket, queue = string.match(text, '^(%S+) (%d+) %S+ (%d+) (%S+) %S+ %S+ (%S+)')
local isOlder = tonumber(version) < tonumber(ARGV[2])
if state == 'elsewhere' and not isOlder then return { 'sealed', version } end
if (state == 'elsewhere' or state == 'idle') and isOlder then
  redis.call('SET', KEYS[1], 'idle ' .. ARGV[2] .. ' ' .. ARGV[1] .. ' ' .. tries .. ' ' .. ticket .. ' - - ' .. queue,
    'PX', ARGV[3])
end
return { 'in' }
