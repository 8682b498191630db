#!lua
-- Ends a lease, and forgets the books noted with it.
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return 'done'
