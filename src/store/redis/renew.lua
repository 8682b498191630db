#!lua
-- Renews a lease, and tells who else has one. A lease is "until schema"; time is the store's (R11).
local leases, books, mark = KEYS[1], KEYS[2], KEYS[3]
local me, schema, ttl, opened = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])

local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
local before = tonumber(string.match(redis.call('HGET', leases, me) or '0', '^%d+'))
-- Made once: whoever finds another one knows that the store lost what it had (R6).
redis.call('SET', mark, ARGV[4], 'NX')
redis.call('HSET', leases, me, string.format('%.0f ', ms + ttl) .. schema)
for i = 6, #ARGV do
  redis.call(i - 5 <= opened and 'SADD' or 'SREM', books, ARGV[i])
end
local kept = before > ms and 'kept' or 'lapsed'
return { kept, redis.call('GET', mark), string.format('%.0f', ms), replid, redis.call('HGETALL', leases) }
