// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, unit } from './mutant';

const resp = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'stream/resp', text, replacement, 'stream/resp', pattern);
const adapter = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'stream/adapter', text, replacement, 'stream/adapter', pattern);
const inStore = (name: string, file: string, text: string, replacement: string, test: string, pattern: string) => ({
  ...unit(name, file, text, replacement, '', pattern),
  test: `test/integration/${test}.test.ts`,
  nginx: true as const,
});

export const sharedStore: Mutant[] = [
  resp('store: a text of any length', ' || length > largest', '', 'is broken'),
  resp(
    'store: a text need not end where its length says',
    "=== '\\r\\n' ? { kind: '$'",
    "!== '' ? { kind: '$'",
    'is broken',
  ),
  resp('store: any number is a length', '/^(?:0|[1-9]\\d{0,8})$/', '/^.*$/', 'is broken'),
  adapter('store: an answer need not have its number', ' || answer.slice(one.end) !== expected', '', 'an answer'),
  adapter('store: a connection carries any amount', 'over = carried > most;', '', 'carried so much'),
  adapter(
    'store: what nobody asked for is kept',
    "end('502 Bad Gateway', 'unasked'); // NGINX",
    '// NGINX',
    'nobody asked',
  ),
  adapter(
    'store: one login serves all accounts',
    'account && account !== asking && !sameAccount(account, asking)',
    'false',
    'of another account',
  ),
  adapter('store: a replica is read from', 'now() - primaryAt >= primaryFor', 'false', 'every second'),
  adapter('store: errors are handed on whole', '`-${errorOf(text)}`', '`-${text}`', 'cut to its first word'),
  adapter('store: nothing is prepared', 'if (!known) {', 'if (false) {', 'logs in'),
  adapter('store: a replica is an error like others', 'if (elsewhere.test(text)) {', 'if (false) {', 'is said as 503'),
  unit(
    'store: a second question in a request',
    'stream/requests',
    "return data.indexOf('\\r\\n\\r\\n') >= 0 ? 'broken' : undefined;",
    'return undefined;',
    'stream/adapter',
    'is not taken from a request with',
  ),
  unit(
    'store: characters are counted, not bytes',
    'stream/requests',
    ' || Buffer.byteLength(data) !== data.length',
    '',
    'stream/adapter',
    'another byte than ASCII',
  ),
  unit(
    'store: any name is an operation',
    'stream/commands',
    'if (!shape || (shape.many',
    'if (shape && (shape.many',
    'stream/adapter',
    'is none of the store',
  ),
  inStore(
    'store: no tombstone',
    'stream/scripts',
    "redis.call('SET', KEYS[i], '-', 'PX', ARGV[1])",
    '',
    'shared-store',
    'valkey-8.*tombstone',
  ),
  inStore(
    'store: anybody writes',
    'stream/scripts',
    "~= ARGV[4] .. ' ' then return 0 end",
    "== '~' then return 0 end",
    'shared-store',
    'valkey-8.*owner of a lock only',
  ),
  inStore(
    'store: anybody unlocks',
    'stream/scripts',
    "if not lock or string.sub(lock, 1, #ARGV[1] + 1) ~= ARGV[1] .. ' ' then return 0 end",
    '',
    'shared-store',
    'valkey-8.*only the owner releases',
  ),
  inStore(
    'store: versions are not compared',
    'stream/scripts',
    "if (head == '' and '0' or string.sub(head, 1, 16)) ~= ARGV[1] then",
    'if false then',
    'shared-store',
    'valkey-8.*the version that the writer knows',
  ),
  inStore(
    'store: a feed that was cut is whole',
    'stream/scripts',
    'seen + #entries ~= added',
    'false',
    'shared-store-trouble',
    'valkey-8.*feed was cut',
  ),
];
