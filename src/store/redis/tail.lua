#!lua flags=no-writes
-- Where the log ends.
return redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'tag')
