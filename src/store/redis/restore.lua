-- Puts back what the store lost, unless the log is somewhere else meanwhile (R6).
local head, records, snapshot, fences = KEYS[1], KEYS[2], KEYS[4], KEYS[5]
local instead_epoch, instead_seq, instead_tag, new_epoch = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local seq, tag, stamp, schema = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local window, trimmed, state, fenced = tonumber(ARGV[9]), ARGV[10], ARGV[11], tonumber(ARGV[12])  -- nil: they stay

local known = redis.call('HMGET', head, 'epoch', 'seq', 'tag', 'schema', 'restored_tag', 'restored_at')
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
local is_there = (known[1] or '') == instead_epoch and (known[2] or '0') == instead_seq and (known[3] or '') == instead_tag
local knows_more = known[1] and known[5] == known[3] and ms - known[6] <= window and tonumber(known[2]) < tonumber(seq)
if not (is_there or knows_more) or tonumber(known[4] or 0) > tonumber(schema) then
  return 'stale'
end
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')

-- What lies before the restored records is the same history: it is kept.
shelve(1, tonumber(trimmed), 1000000)
redis.call('DEL', head, records)
if fenced then
  redis.call('DEL', fences)
end
local first = 13 + 2 * (fenced or 0)
for i = first, #ARGV, 5 do
  redis.call('XADD', records, ARGV[i] .. '-0',
    'stamp', ARGV[i + 1], 'at', ARGV[i + 2], 'tag', ARGV[i + 3], 'payload', ARGV[i + 4])
end
for i = 13, first - 1, 2 do
  redis.call('HSET', fences, ARGV[i], ARGV[i + 1])
end
redis.call('SET', snapshot, state)
redis.call('HSET', head, 'epoch', new_epoch, 'seq', seq, 'tag', tag, 'stamp', stamp, 'replid', replid,
  'schema', schema, 'trimmed', trimmed, 'snapshot_seq', seq, 'snapshot_tag', tag,
  'restored_tag', tag, 'restored_at', string.format('%.0f', ms))
return 'done'
