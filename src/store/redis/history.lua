-- The record at this seq, wherever it lies, as a stream entry; nil: there is none.
local function record_at(seq)
  local id = string.format('%.0f-0', seq)
  return redis.call('XRANGE', KEYS[2], id, id)[1] or redis.call('XRANGE', KEYS[3], id, id)[1]
end

-- The tag of that record. Entries are written with their fields in one order: stamp, at, tag, payload.
local function tag_at(seq)
  local record = record_at(seq)
  return record and record[2][6]
end
