-- Keeps players out of their partition, each if it is idle there, so that its claim may leave: no enqueue and no spectating
-- takes it from here on.
--
-- KEYS      for each player its state, and its cool-down
-- ARGV[1]   now, ms
-- ARGV[2]   ms for which they are kept out: longer than anybody believes an old claim
-- ARGV[3]   1 if they must not leave before their cool-downs are over, else 0
-- ARGV[...] for each player the epoch of the claim by which it is here
--
-- Returns for each player {"sealed", epoch that a claim elsewhere is to have} | {"busy", state text} | {"cooling", ms until
-- when}

local now = tonumber(ARGV[1])
local outcomes = {}
for n = 1, #KEYS / 2 do
  local key = KEYS[2 * n - 1]
  local text = redis.call('GET', key) or 'idle 0 0 0 - - - -'
  local state, version, tries, ticket, queue = string.match(text, '^(%S+) (%d+) %S+ (%d+) (%S+) %S+ %S+ (%S+)')
  local untilMs = ARGV[3] == '1' and string.match(redis.call('GET', KEYS[2 * n]) or '', '^%d+')
  if state ~= 'idle' and state ~= 'elsewhere' then
    outcomes[n] = { 'busy', text }
  elseif untilMs and tonumber(untilMs) > now then
    outcomes[n] = { 'cooling', untilMs }
  else
    local epoch = string.format('%.0f', math.max(tonumber(version), tonumber(ARGV[n + 3]), now) + 1)
    redis.call('SET', key, 'elsewhere ' .. epoch .. ' ' .. ARGV[1] .. ' ' .. tries .. ' ' .. ticket .. ' - - ' .. queue,
      'PX', ARGV[2])
    outcomes[n] = { 'sealed', epoch }
  end
end
return outcomes
