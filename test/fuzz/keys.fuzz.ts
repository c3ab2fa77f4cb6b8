import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type PrivateKey, parsePrivateKeys } from '../../src/protocol/private-key';
import { document } from './documents';
import { fuzz, invariant } from './fuzz';
import { text } from './texts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const elliptic = ['P-256', 'P-384', 'P-521'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }).privateKey);
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1') => String(key.export({ format: 'pem', type }));
const pems = [
  pem(rsa, 'pkcs8'),
  pem(rsa, 'pkcs1'),
  ...elliptic.flatMap((key) => [pem(key, 'pkcs8'), pem(key, 'sec1')]),
];
const sets = [rsa, ...elliptic].map((key) =>
  JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid: 'k' }] }),
);

/** The keys of a file; none where it is refused, by an Error with words, not by one of the engine. */
function keysIn(file: string): PrivateKey[] {
  try {
    return parsePrivateKeys(file);
  } catch (error) {
    const { name, message } = error as Error;
    invariant('its error is one of ours', name === 'Error' && !/undefined/.test(message));
    return [];
  }
}

function check(file: string): void {
  for (const { kty, jwk } of keysIn(file)) {
    invariant('it is of a kind that can sign', (kty === 'RSA' || kty === 'EC') && jwk.kty === kty);
    const values = Object.values(jwk);
    invariant(
      'its members are texts',
      values.every((value) => typeof value === 'string' && value !== ''),
    );
  }
}

fuzz('private keys in PEM', (random) => text(random, pems), check);

fuzz(
  'private keys in DER',
  (random) => {
    const bytes = Buffer.from(random.pick(pems).replace(/-----[^-]+-----|\s/g, ''), 'base64');
    for (let changes = 1 + random.below(4); changes > 0; changes--)
      bytes[random.below(bytes.length)] = random.below(256);
    const kind = random.pick(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']);
    const body = bytes.subarray(0, random.chance(0.2) ? random.below(bytes.length) : bytes.length).toString('base64');
    return `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----\n`;
  },
  check,
);

fuzz('private keys in JSON', (random) => document(random, sets), check);
