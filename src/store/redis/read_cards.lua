#!lua flags=no-writes
-- Cards as they are stored.
return redis.call('MGET', unpack(KEYS))
