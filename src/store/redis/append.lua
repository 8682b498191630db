-- Appends if everything fits, and answers why not otherwise. Checks everything, then writes (R14).
local head, records, fences = KEYS[1], KEYS[2], KEYS[4]
local after_epoch, after_seq, after_tag, tag = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local floor, by, turn_ms, new_epoch = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8]
local clock_ahead, schema, guard, guard_token = tonumber(ARGV[9]), ARGV[10], ARGV[11], ARGV[12]
local publish, channel, wake_head, wake_body = ARGV[13], ARGV[14], ARGV[15], ARGV[16]
local count, payloads = tonumber(ARGV[17]), 17

local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local known = redis.call('HMGET', head,
  'epoch', 'seq', 'tag', 'stamp', 'replid', 'schema', 'turn', 'turn_until', 'trimmed')
local epoch, tail_seq, tail_tag = known[1], known[2], known[3]
local turn, turn_until, trimmed = known[7], tonumber(known[8] or 0), tonumber(known[9] or 0)
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local ms = math.floor(micros / 1000)

-- Another master, or the same one after a start: it may lack what was acknowledged (R1).
if epoch and known[5] ~= replid then
  redis.call('HSET', head, 'epoch', new_epoch, 'replid', replid)
  return { 'epoch', replid }
end
if turn and turn ~= by and turn_until > ms then
  return { 'busy' }
end
if not epoch and after_epoch ~= '' then
  return { 'epoch', replid }
end

if epoch and (after_epoch ~= epoch or after_seq ~= tail_seq or after_tag ~= tail_tag) then
  if after_epoch ~= '' and after_epoch ~= epoch then
    return { 'epoch', replid }
  end
  local first, last = after_seq + 1, after_seq + count
  if last <= tonumber(tail_seq) then
    -- R8: the same append again. One append is never half there, so its ends tell.
    local begin = record_at(first)
    if begin and begin[2][6] == tag and tag_at(last) == tag then
      return { 'done', epoch, string.format('%.0f', last), begin[2][2], begin[2][4] }
    end
  end
  -- R10: who kept missing the tail goes first for a moment.
  if turn_ms > 0 and not (turn and turn_until > ms) then
    redis.call('HSET', head, 'turn', by, 'turn_until', string.format('%.0f', ms + turn_ms))
  end
  -- What was missed, behind the record that the caller saw last, unless that is better asked for.
  local missed = {}
  if first > 1 and tonumber(after_seq) > trimmed and tail_seq - after_seq <= 1000 then
    missed = redis.call('XRANGE', records, after_seq .. '-0', '+')
    local bytes = 0
    for _, record in ipairs(missed) do
      bytes = bytes + #record[2][8]
    end
    if bytes > 1048576 then
      missed = {}
    end
  end
  return { 'conflict', epoch, tail_seq, tail_tag, missed }
end

if guard ~= '' and redis.call('HGET', fences, guard) ~= guard_token then
  return { 'fenced' }
end
if micros > clock_ahead then
  return { 'clock', string.format('%.0f', micros) }
end
local stamp = math.max(micros, (known[4] or -1) + 1, floor + 1)
-- No sum may pass 2^53, where numbers begin to round.
if stamp > 9007199254740992 - count then
  return { 'stamps' }
end

-- Printing a number costs as much as a command, so each is printed once.
local at, seq = string.format('%.0f', ms), tonumber(after_seq)
local first_stamp, last_stamp, new_seq
for i = 1, count do
  new_seq, last_stamp = string.format('%.0f', seq + i), string.format('%.0f', stamp + (i - 1))
  first_stamp = first_stamp or last_stamp
  redis.call('XADD', records, new_seq .. '-0',
    'stamp', last_stamp, 'at', at, 'tag', tag, 'payload', ARGV[payloads + i])
end
redis.call('HSET', head, 'seq', new_seq, 'tag', tag, 'stamp', last_stamp)
if not epoch then
  epoch = new_epoch
  redis.call('HSET', head, 'epoch', epoch, 'replid', replid)
end
-- R16: the highest schema that anybody wrote with.
if tonumber(known[6] or 0) < tonumber(schema) then
  redis.call('HSET', head, 'schema', schema)
end
if turn then
  redis.call('HDEL', head, 'turn', 'turn_until')
end
for i = payloads + count + 1, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', fences, ARGV[i])
  else
    redis.call('HSET', fences, ARGV[i], string.format('%.0f', stamp + ARGV[i + 1]))
  end
end
redis.call(publish, channel,
  wake_head .. epoch .. ' ' .. first_stamp .. ' ' .. at .. ' ' .. replid .. '\n' .. wake_body)
return { 'done', epoch, new_seq, first_stamp, at }
