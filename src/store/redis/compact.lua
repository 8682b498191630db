-- Stores a snapshot if its position is in the log and newer than that of the stored one (R2).
local head, snapshot = KEYS[1], KEYS[4]
local epoch, seq, tag, schema = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local known = redis.call('HMGET', head, 'epoch', 'seq', 'schema', 'snapshot_seq')
local is_newer = seq > 0 and seq > tonumber(known[4] or 0)
if known[1] ~= epoch or seq > tonumber(known[2]) or tonumber(known[3] or 0) > schema or not is_newer
  or tag_at(seq) ~= tag then
  return 'stale'
end
redis.call('SET', snapshot, ARGV[5])
redis.call('HSET', head, 'snapshot_seq', ARGV[2], 'snapshot_tag', tag)
return 'done'
