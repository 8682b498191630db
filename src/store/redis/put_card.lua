#!lua
-- Replaces a card and where it is found, if the stored one is what the caller thinks; else answers the stored one.
local card, expected, new, book, gone = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local stored = redis.call('GET', card) or ''
if stored ~= expected then
  return stored
end
redis.call('SET', card, new)
for i = 2, #KEYS do
  if i - 1 <= gone then
    redis.call('ZREM', KEYS[i], book)
  else
    redis.call('ZADD', KEYS[i], 0, book)
  end
end
return false
