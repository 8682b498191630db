-- Moves some of what the snapshot holds to the archive, but for the last records; returns how many are left to move.
local head, records = KEYS[1], KEYS[2]
local kept, limit = tonumber(ARGV[1]), tonumber(ARGV[2])

local known = redis.call('HMGET', head, 'seq', 'trimmed', 'snapshot_seq')
local trimmed = tonumber(known[2] or 0)
local goal = math.min(tonumber(known[1] or 0) - kept, tonumber(known[3] or 0))
if goal <= trimmed then
  return 0
end
local reached = shelve(trimmed + 1, goal, limit)
redis.call('XTRIM', records, 'MINID', string.format('%.0f-0', reached + 1))
redis.call('HSET', head, 'trimmed', string.format('%.0f', reached))
return goal - reached
