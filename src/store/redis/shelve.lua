-- Copies records up to this seq to the end of the archive, as many as `limit`; returns the last that lies there now.
-- After a restoration some may lie there already: it is the same history, so they stay as they are.
local function shelve(first, last, limit)
  local archived = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]
  if archived then
    first = math.max(first, string.match(archived[1], '^%d+') + 1)
  end
  local found = redis.call('XRANGE', KEYS[2], string.format('%.0f-0', first), string.format('%.0f-0', last),
    'COUNT', limit)
  for _, record in ipairs(found) do
    redis.call('XADD', KEYS[3], record[1], unpack(record[2]))
  end
  if #found < limit then
    return last
  end
  return tonumber(string.match(found[#found][1], '^%d+'))
end
