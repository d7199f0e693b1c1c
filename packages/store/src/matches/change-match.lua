-- Applies what has happened to a match, wholly or not at all: to its record and indexes, to the players who leave it or
-- whose state changes with it, and to tickets that end or wait again.
--
-- KEYS[1]   match record
-- KEYS[2]   index of when matches are due
-- KEYS[3]   index by elo of its queue's open matches
-- KEYS[4]   its queue's open matches
-- KEYS[5]   event stream
-- KEYS[6]   due index of its queue
-- KEYS[...] those that the plan names by their place
-- ARGV[1]   the plan, JSON:
--   id, queue, revision that it was made from, now, state, version, endsAt, endedAt or "", body,
--   dueAt (absent: never), packed open match or "", elo of it, keepEnded, keepIdle, keepEvents (see Retention)
--   players: {key, to = idle | inmatch | inqueue | inspector, ticket, ticketVersion, tries}
--   tickets: {record, id, to = matched | cancelled | queued, reason, keep}; queued ones also
--            {bucket, version, tries, tail, expiresAt}, and {away = players, awayUntil} when some are
--   holders (absent: none are looked at), held: {player, token = the connection that must stand for it, "" for none}
--   coolDowns: {key, ms} or {key, firstMs, maxMs, forgetMs}
--   ratings: {key, queue, was = what was read or "", text}
--   events: lists of fields and values
--
-- Returns {"done"} | {"changed"} when something is not any more what the plan was made from
--   | {"busy", state text} when a player who wants to watch is not idle

local plan = cjson.decode(ARGV[1])
local now, id, queue = plan.now, plan.id, plan.queue
if (redis.call('HGET', KEYS[1], 'revision') or '') ~= plan.revision then return { 'changed' } end
for _, rating in ipairs(plan.ratings) do
  if (redis.call('HGET', KEYS[rating.key], rating.queue) or '') ~= rating.was then return { 'changed' } end
end

for _, held in ipairs(plan.held) do
  if (redis.call('HGET', KEYS[plan.holders], held.player) or '') ~= held.token then return { 'changed' } end
end

local texts = {}
for n, player in ipairs(plan.players) do
  texts[n] = redis.call('GET', KEYS[player.key]) or 'idle 0 0 0 - - - -'
  if player.to == 'inspector' and string.sub(texts[n], 1, 5) ~= 'idle ' then return { 'busy', texts[n] } end
end

for n, player in ipairs(plan.players) do
  local state, version, tries, ticket, ticketVersion, match =
    string.match(texts[n], '^(%S+) (%d+) %S+ (%d+) (%S+) (%S+) (%S+)')
  local to = player.to
  -- A player whose state names another match is not this match's to move.
  if match == id or to == 'inspector' then
    local fields
    if to == 'idle' then fields = string.format('%s %s - - %s', tries, ticket, queue)
    elseif to == 'inspector' then fields = string.format('%s - - %s %s', tries, id, queue)
    elseif to == 'inmatch' then fields = string.format('0 %s %s %s %s', ticket, ticketVersion, id, queue)
    else fields = string.format('%d %s %d - %s', player.tries, player.ticket, player.ticketVersion, queue) end
    local text = string.format('%s %.0f %.0f %s', to, math.max(tonumber(version) + 1, now), now, fields)
    if to == 'idle' then redis.call('SET', KEYS[player.key], text, 'PX', plan.keepIdle)
    else redis.call('SET', KEYS[player.key], text) end
  end
end

for _, ticket in ipairs(plan.tickets) do
  local record = KEYS[ticket.record]
  if ticket.to == 'queued' then
    redis.call('HSET', record, 'status', 'queued', 'version', ticket.version,
      'expiresAt', string.format('%.0f', ticket.expiresAt))
    if ticket.away then
      redis.call('HSET', record, 'away', ticket.away, 'awayUntil', string.format('%.0f', ticket.awayUntil))
      redis.call('ZADD', KEYS[6], math.min(ticket.awayUntil, ticket.expiresAt), ticket.id)
    else
      redis.call('HSET', KEYS[ticket.bucket], ticket.id, string.format('%d %s', ticket.tries, ticket.tail))
      redis.call('ZADD', KEYS[6], now, ticket.id)
    end
  elseif redis.call('EXISTS', record) == 1 then
    redis.call('HSET', record, 'status',
      string.format('%s %s %.0f', ticket.to, ticket.to == 'matched' and id or '-', now))
    if ticket.reason then redis.call('HSET', record, 'reason', ticket.reason) end
    redis.call('PEXPIRE', record, ticket.keep)
  end
end

for _, penalty in ipairs(plan.coolDowns) do
  local untilMs, count = string.match(redis.call('GET', KEYS[penalty.key]) or '0 0', '^(%d+) (%d+)$')
  untilMs, count = tonumber(untilMs), tonumber(count)
  local ms = penalty.ms or math.min(penalty.maxMs, penalty.firstMs * 2 ^ math.min(count, 30))
  untilMs = math.max(untilMs, now + ms)
  if not penalty.ms then count = count + 1 end
  -- A cool-down that has no memory must not shorten that of the declines before it.
  redis.call('SET', KEYS[penalty.key], string.format('%.0f %d', untilMs, count),
    'PX', math.max(1, redis.call('PTTL', KEYS[penalty.key]), untilMs - now + (penalty.forgetMs or 0)))
end

for _, rating in ipairs(plan.ratings) do
  redis.call('HSET', KEYS[rating.key], rating.queue, rating.text)
end

redis.call('HSET', KEYS[1], 'state', plan.state, 'version', plan.version, 'revision', (tonumber(plan.revision) or 0) + 1,
  'endsAt', string.format('%.0f', plan.endsAt), 'body', plan.body)
if plan.dueAt then
  redis.call('ZADD', KEYS[2], plan.dueAt, id)
else
  redis.call('ZREM', KEYS[2], id)
  -- What is told of it later doesn't change when it ended.
  redis.call('HSETNX', KEYS[1], 'endedAt', string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], plan.keepEnded)
end
if plan.packed == '' then
  redis.call('ZREM', KEYS[3], id)
  redis.call('HDEL', KEYS[4], id)
else
  redis.call('ZADD', KEYS[3], plan.elo, id)
  redis.call('HSET', KEYS[4], id, plan.packed)
end
for _, fields in ipairs(plan.events) do
  redis.call('XADD', KEYS[5], 'MAXLEN', '~', plan.keepEvents, '*', unpack(fields))
end
return { 'done' }
