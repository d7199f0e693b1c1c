-- Moves players' claims, each if it is still what it was when the move was decided. Their keys are in one slot of a cluster.
--
-- KEYS      claims
-- ARGV[1]   ms for which they are kept
-- ARGV[...] for each claim what it must be, "" for absent, and what it becomes
--
-- Returns which of them have moved, from 1: of the others, another was faster

local moved = {}
for n, key in ipairs(KEYS) do
  if (redis.call('GET', key) or '') == ARGV[2 * n] then
    redis.call('SET', key, ARGV[2 * n + 1], 'PX', ARGV[1])
    moved[#moved + 1] = n
  end
end
return moved
