#!lua flags=no-writes
-- Records from a seq on, archived ones first; one page of them.
local head, records, archive = KEYS[1], KEYS[2], KEYS[3]
local from, page = tonumber(ARGV[1]), tonumber(ARGV[2])

local trimmed = tonumber(redis.call('HGET', head, 'trimmed') or 0)
local function range(stream, first, last)
  return redis.call('XRANGE', stream, string.format('%.0f-0', first), last, 'COUNT', page)
end
if from <= trimmed then
  local found = range(archive, from, string.format('%.0f-0', trimmed))
  if #found > 0 then
    return found
  end
end
return range(records, math.max(from, trimmed + 1), '+')
