-- Records from exactly the asked position on, or the snapshot with what follows it (R13); one page of them.
local head, records, snapshot = KEYS[1], KEYS[2], KEYS[4]
local after_epoch, after_seq, after_tag, page = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

local known = redis.call('HMGET', head, 'epoch', 'seq', 'tag', 'trimmed', 'snapshot_seq', 'snapshot_tag')
local epoch, tail_seq, tail_tag, trimmed = known[1], known[2], known[3], tonumber(known[4] or 0)
if not epoch then
  return {}
end

local function from(seq)
  return redis.call('XRANGE', records, string.format('%.0f-0', seq + 1), '+', 'COUNT', page)
end

if after_epoch == epoch and after_seq > 0 and after_seq >= trimmed and after_seq <= tonumber(tail_seq) then
  local is_tail = after_seq == tonumber(tail_seq) and after_tag == tail_tag
  local is_snapshot = after_seq == tonumber(known[5] or -1) and after_tag == known[6]
  if is_tail or is_snapshot or tag_at(after_seq) == after_tag then
    return { 'records', epoch, tail_seq, tail_tag, from(after_seq) }
  end
end
if not known[5] then
  return { 'snapshot', epoch, tail_seq, tail_tag, from(0), false }
end
return { 'snapshot', epoch, tail_seq, tail_tag, from(known[5]), redis.call('GET', snapshot), known[5], known[6] }
