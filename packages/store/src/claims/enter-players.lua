-- Lets players into a partition that their claims name: a player's versions go on above its claim's epoch, and what kept it
-- out before that epoch does so no more.
--
-- KEYS      their states
-- ARGV[1]   now, ms
-- ARGV[2]   ms for which an idle player is kept
-- ARGV[...] for each player the epoch of its claim
--
-- Returns for each player "" when it is in | the epoch of who keeps it out, who knew this claim or a later one

local entered = {}
for n, key in ipairs(KEYS) do
  local epoch = ARGV[n + 2]
  local text = redis.call('GET', key) or 'idle 0 0 0 - - - -'
  local state, version, tries, ticket, queue = string.match(text, '^(%S+) (%d+) %S+ (%d+) (%S+) %S+ %S+ (%S+)')
  local isOlder = tonumber(version) < tonumber(epoch)
  if state == 'elsewhere' and not isOlder then
    entered[n] = version
  else
    if (state == 'elsewhere' or state == 'idle') and isOlder then
      redis.call('SET', key, 'idle ' .. epoch .. ' ' .. ARGV[1] .. ' ' .. tries .. ' ' .. ticket .. ' - - ' .. queue,
        'PX', ARGV[2])
    end
    entered[n] = ''
  end
end
return entered
