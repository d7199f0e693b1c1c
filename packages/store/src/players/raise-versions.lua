-- Raises players' versions above what watchers were told, where they are below it. Nothing else about them changes.
--
-- KEYS      their states
-- ARGV[1]   now, ms
-- ARGV[2]   ms for which an idle player is kept
-- ARGV[...] for each player the version that was told
--
-- Returns which of them are below and sealed, from 1: those are left as they are

local sealed = {}
for n, key in ipairs(KEYS) do
  local told = tonumber(ARGV[n + 2])
  local text = redis.call('GET', key)
  local state, version, at, rest = string.match(text or 'idle 0 0 0 - - - -', '^(%S+) (%d+) (%S+) (.*)$')
  if tonumber(version) >= told then -- It was told, or will be.
  elseif state == 'elsewhere' then sealed[#sealed + 1] = n
  else
    if at == '=' then at = version end
    local raisedText = string.format('%s %.0f %s %s', state, math.max(told + 1, tonumber(ARGV[1])), at, rest)
    if text then redis.call('SET', key, raisedText, 'KEEPTTL')
    else redis.call('SET', key, raisedText, 'PX', ARGV[2]) end
  end
end
return sealed
