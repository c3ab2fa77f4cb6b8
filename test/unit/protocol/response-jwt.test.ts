import { beforeAll, describe, expect, it } from 'vitest';
import { parseJwks } from '../../../src/protocol/jwks';
import { decodeJws, verifyJws } from '../../../src/protocol/jws';
import { responseErrorOf, validateResponseJwt } from '../../../src/protocol/response-jwt';
import { type Signer, signerOf } from '../../support/signed-token';

const now = 1_800_000_000;
const proper = { iss: 'https://idp.test', aud: 'client', exp: now + 60, state: 'S', code: 'C' };
const expected = { issuer: 'https://idp.test', clientId: 'client', now, clockSkew: 30 };
let signer: Signer;
beforeAll(async () => {
  signer = await signerOf('ES256');
});

async function read(changes: object) {
  const token = await signer.sign({ ...proper, ...changes });
  const keys = parseJwks(JSON.stringify({ keys: [signer.jwk] }));
  return validateResponseJwt(await verifyJws(decodeJws(token), keys, { algorithms: ['ES256'] }), expected);
}
const refused = (pattern: RegExp) =>
  expect.objectContaining({ code: 'response_invalid', detail: expect.stringMatching(pattern) });

describe('an authorization response that is a JWT', () => {
  it.each([{}, { aud: ['client'] }, { exp: now - 29 }, { nbf: now + 30 }])('with %j says its code', async (changes) => {
    expect(await read(changes)).toEqual({ state: 'S', code: 'C', iss: 'https://idp.test' });
  });

  it('says its error', async () => {
    const changes = { code: undefined, error: 'access_denied', error_description: 'no' };
    const response = { state: 'S', error: 'access_denied', errorDescription: 'no', iss: 'https://idp.test' };
    expect(await read(changes)).toEqual(response);
  });

  it.each([
    [{ iss: undefined }, /"iss" is nothing/],
    [{ iss: 'https://idp.test/' }, /"iss" is "https:\/\/idp.test\/"/],
    [{ iss: ['https://idp.test'] }, /"iss"/],
    [{ aud: undefined }, /"aud" is nothing/],
    [{ aud: 'other' }, /"aud" is "other"/],
    [{ aud: ['other'] }, /"aud"/],
    [{ exp: undefined }, /"exp" is nothing/],
    [{ exp: now - 30 }, /"exp" is/],
    [{ exp: String(now + 60) }, /"exp"/],
    [{ nbf: now + 31 }, /"nbf"/],
  ])('with %j is refused', async (changes, pattern) => {
    await expect(read(changes)).rejects.toEqual(refused(pattern));
  });

  it.each([{ state: undefined }, { state: 5 }, { code: undefined }, { code: ['C'] }, { error: 'e' }])(
    'with %j is no whole response',
    async (changes) => {
      await expect(read(changes)).rejects.toEqual(expect.objectContaining({ code: 'callback_invalid' }));
    },
  );

  it('is not an ID token: that has no code', async () => {
    const idToken = { state: undefined, code: undefined, sub: 'alice', iat: now, nonce: 'N' };
    await expect(read(idToken)).rejects.toEqual(expect.objectContaining({ code: 'callback_invalid' }));
  });

  it('whose signature fails has an error of its own, and other trouble stays what it is', () => {
    const of = (code: string) => (responseErrorOf({ code, detail: 'x' }) as { code: string }).code;
    for (const code of ['id_token_signature', 'id_token_algorithm', 'id_token_invalid', 'unknown_key']) {
      expect(of(code)).toBe('response_invalid');
    }
    expect(of('decryption_failed')).toBe('response_invalid');
    for (const code of ['jwks_failed', 'provider_timeout', 'callback_invalid']) expect(of(code)).toBe(code);
  });
});
