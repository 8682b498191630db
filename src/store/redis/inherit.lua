#!lua
-- The books of a replica whose lease ran out; only the first who asks gets them.
local leases, books = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HGET', leases, ARGV[1])
if not lease or tonumber(string.match(lease, '^%d+')) > ms then
  return {}
end
local left = redis.call('SMEMBERS', books)
redis.call('HDEL', leases, ARGV[1])
redis.call('DEL', books)
return left
