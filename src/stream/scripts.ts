// The steps that must be atomic, as Lua scripts, which Redis and Valkey run one after the other. The key of a lock holds
// its owner and the attempt, by a space; that of a value its version, a colon and the text, or a tombstone.

/** A request that is repeated, because its answer was lost, has the same outcome again. */
export const scripts = {
  /** 1 written, 0 conflict, -1 ended */
  write: `
local lock = KEYS[2] and redis.call('GET', KEYS[2]) or ''
if KEYS[2] and string.sub(lock or '', 1, #ARGV[4] + 1) ~= ARGV[4] .. ' ' then return 0 end
local head = redis.call('GETRANGE', KEYS[1], 0, 16)
if head == '-' then return -1 end
if (head == '' and '0' or string.sub(head, 1, 16)) ~= ARGV[1] then
  if head == string.sub(ARGV[2], 1, 17) and redis.call('GET', KEYS[1]) == ARGV[2] then return 1 end
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`,
  prolong: `
if string.len(redis.call('GETRANGE', KEYS[1], 0, 16)) < 17 then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])`,
  // Deleting first has the store take a tombstone even when it is full.
  end: `
local names = {}
for i = 2, #KEYS do
  redis.call('DEL', KEYS[i])
  redis.call('SET', KEYS[i], '-', 'PX', ARGV[1])
  names[i - 1] = string.sub(KEYS[i], #KEYS[1] - 4)
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', '50000', '*', 'k', table.concat(names, '\\n'))
return 1`,
  add: `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0`,
  lock: `
local mine = ARGV[1] .. ' ' .. ARGV[2]
if redis.call('SET', KEYS[1], mine, 'NX', 'PX', ARGV[3]) then return 1 end
return redis.call('GET', KEYS[1]) == mine and 1 or 0`,
  unlock: `
local lock = redis.call('GET', KEYS[1])
if not lock or string.sub(lock, 1, #ARGV[1] + 1) ~= ARGV[1] .. ' ' then return 0 end
return redis.call('DEL', KEYS[1])`,
  link: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', last[2] - now + 1)) end
return 1`,
  members: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return table.concat(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf'), '\\n')`,
  // The number of entries ever added tells whether any is missing: trimmed away, flushed, or lost at a failover.
  changes: `
local function about()
  local last, added = '0-0', 0
  if redis.call('EXISTS', KEYS[1]) == 1 then
    local stream = redis.call('XINFO', 'STREAM', KEYS[1])
    for i = 1, #stream, 2 do
      if stream[i] == 'last-generated-id' then last = stream[i + 1] end
      if stream[i] == 'entries-added' then added = stream[i + 1] end
    end
  end
  return last, added
end
local last, added = about()
if ARGV[1] == '' then
  if added == 0 then
    redis.call('XADD', KEYS[1], '*', 'k', '')
    last, added = about()
  end
  return last .. ' ' .. added
end
local most, seen = tonumber(ARGV[3]), tonumber(ARGV[2])
local entries = added == 0 and {} or redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', most)
if #entries < most and seen + #entries ~= added then return last .. ' ' .. added .. ' lost' end
local lines = {''}
for i = 1, #entries do
  lines[i + 1] = entries[i][2][2]
  last = entries[i][1]
end
lines[1] = (#entries == 0 and ARGV[1] or last) .. ' ' .. string.format('%d', seen + #entries)
return table.concat(lines, '\\n')`,
  status: `
local said = redis.call('INFO', 'server') .. redis.call('INFO', 'replication') .. redis.call('INFO', 'memory')
local function of(name) return string.match(said, '[\\r\\n]' .. name .. ':([^\\r\\n]*)') or '' end
local valkey = of('valkey_version')
return table.concat({ valkey ~= '' and 'valkey' or 'redis', valkey ~= '' and valkey or of('redis_version'), of('role'),
  of('maxmemory_policy'), of('used_memory'), of('maxmemory'), redis.call('DBSIZE') }, '\\n')`,
};

export type ScriptName = keyof typeof scripts;
