import { describe, expect, it } from 'vitest';
import { type Expected, validateIdToken } from '../../../src/protocol/id-token';
import { type Jwk, parseJwks } from '../../../src/protocol/jwks';
import { decodeJws, verifyJws } from '../../../src/protocol/jws';
import { allAlgorithms, leftHalf, signerOf } from '../../support/signed-token';

const now = 1_800_000_000;
const good = {
  iss: 'https://idp.test',
  sub: 'alice',
  aud: 'client',
  exp: now + 300,
  iat: now,
  nonce: 'the-nonce',
};
const expected: Expected = {
  issuer: 'https://idp.test',
  clientId: 'client',
  now,
  clockSkew: 30,
  nonce: 'the-nonce',
  accessToken: 'the-access-token',
};

/** Signs the claims, undefined ones left out, or a text of JSON as it stands. */
async function validate(claims: object | string, changes: Partial<Expected> = {}, alg = 'ES256') {
  const signer = await signerOf(alg);
  const keys: Jwk[] = parseJwks(JSON.stringify({ keys: [signer.jwk] }));
  const token = await signer.sign(typeof claims === 'string' ? claims : { ...good, ...claims });
  const verified = await verifyJws(decodeJws(token), keys, { algorithms: allAlgorithms });
  return validateIdToken(verified, { ...expected, ...changes });
}
const refused = (claim: string) =>
  expect.objectContaining({ code: 'id_token_invalid', detail: expect.stringContaining(claim) });
const refuses = (claim: string, claims: object | string, changes?: Partial<Expected>) =>
  expect(validate(claims, changes)).rejects.toThrow(refused(claim));
/** The good claims as JSON, one of them in the letters given. */
const written = (name: string, json: string) => JSON.stringify({ ...good, [name]: '@' }).replace('"@"', json);

describe('an ID token', () => {
  it('that keeps every rule holds', async () => {
    const token = await validate({ email: 'alice@example.com' });
    expect(token).toMatchObject({ iss: good.iss, sub: 'alice', exp: good.exp });
    expect(token.claims).toEqual({ ...good, email: 'alice@example.com' });
  });

  it('tells the log which claim, what it is and what it should be, on one line', async () => {
    await refuses('"iss" is "https://evil.test??X", not https://idp.test ($oidc_issuer)', {
      iss: 'https://evil.test\u2028\u00e9X',
    });
  });
});

describe('iss', () => {
  it.each([
    undefined,
    '',
    'https://idp.test/',
    'https://idp.test.evil.test',
    'https://idp.tes',
    'https://idp.test/realm',
    'HTTPS://IDP.TEST',
    'http://idp.test',
    'idp.test',
    ['https://idp.test'],
    { toString: 1 },
    null,
    1,
    true,
  ])('%j is not the issuer', async (iss) => {
    await refuses('"iss"', { iss });
  });

  it('nested without end is refused like any other', async () => {
    await refuses('"iss"', written('iss', `${'['.repeat(10_000)}${']'.repeat(10_000)}`));
  });
});

describe('sub', () => {
  it.each([undefined, '', 'x'.repeat(256), 7, null, ['alice'], { alice: 1 }, true])('%j is nobody', async (sub) => {
    await refuses('"sub"', { sub });
  });

  it('may have 255 characters', async () => {
    expect((await validate({ sub: 'x'.repeat(255) })).sub).toHaveLength(255);
  });
});

describe('aud', () => {
  it.each([
    undefined,
    '',
    'Client',
    'client ',
    'clients',
    'other client',
    [],
    ['other'],
    [['client']],
    ['client', 7],
    ['client', null],
    { client: true },
    7,
    null,
  ])('%j is not this client', async (aud) => {
    await refuses('"aud"', { aud, azp: 'client' });
  });

  it('may be a list of one', async () => {
    await expect(validate({ aud: ['client'] })).resolves.toBeDefined();
  });
});

describe('azp', () => {
  it('must be there for several audiences', async () => {
    await refuses('"azp"', { aud: ['client', 'other'] });
    await expect(validate({ aud: ['client', 'other'], azp: 'client' })).resolves.toBeDefined();
  });

  it.each(['other', '', 'Client', ['client'], null, 7])('%j is not this client, whatever aud says', async (azp) => {
    await refuses('"azp"', { azp });
    await refuses('"azp"', { aud: ['client', 'other'], azp });
  });
});

const noTimes = ['"1800000300"', '""', 'null', 'true', '[]', '[1800000300]', '{}', '1e300', '1e400', '-1', '-1e300'];

describe('exp', () => {
  it.each(noTimes)('%s is no time', async (json) => {
    await refuses('"exp"', written('exp', json));
  });

  it('must be there', async () => {
    await refuses('"exp"', { exp: undefined });
  });

  it('may be over by less than the clock skew', async () => {
    await expect(validate({ exp: now - 29 })).resolves.toBeDefined();
    await expect(validate({ exp: now - 29.5 })).resolves.toBeDefined();
    await refuses('"exp"', { exp: now - 30 });
    await refuses('"exp"', { exp: now }, { clockSkew: 0 });
  });
});

describe('iat', () => {
  it.each(noTimes)('%s is no time', async (json) => {
    await refuses('"iat"', written('iat', json));
  });

  it('must be there', async () => {
    await refuses('"iat"', { iat: undefined });
  });

  it('may lie ahead by the clock skew and no more', async () => {
    await expect(validate({ iat: now + 30 })).resolves.toBeDefined();
    await refuses('"iat"', { iat: now + 31 });
  });
});

describe('nbf', () => {
  it.each(noTimes)('%s is no time', async (json) => {
    await refuses('"nbf"', written('nbf', json));
  });

  it('may be missing, and lie ahead by the clock skew and no more', async () => {
    await expect(validate({ nbf: now + 30 })).resolves.toBeDefined();
    await refuses('"nbf"', { nbf: now + 31 });
  });
});

describe('nonce', () => {
  it.each(['', 'the-nonc', 'the-nonce2', 'The-nonce', ['the-nonce'], null, 7, { a: 1 }])(
    '%j is not the one of this login',
    async (nonce) => {
      await refuses('"nonce" is not the one of this login', { nonce });
    },
  );

  it('that is missing is not the one of this login, either, and the message says that it is missing', async () => {
    await refuses('no "nonce", which the authorization request had', { nonce: undefined });
  });

  it('cannot be left out by forgetting what to expect', async () => {
    await refuses('"nonce"', {}, { nonce: undefined });
    await refuses('"nonce"', { nonce: undefined }, { nonce: undefined });
  });

  it('is never the empty one of a token without', async () => {
    await refuses('"nonce"', { nonce: undefined }, { nonce: '' });
  });
});

describe('at_hash', () => {
  it.each(allAlgorithms)('of %s is the left half of the hash of its size', async (alg) => {
    const at_hash = leftHalf('the-access-token', alg);
    await expect(validate({ at_hash }, {}, alg)).resolves.toBeDefined();
    const wrong = leftHalf('the-access-token', alg.endsWith('256') ? 'RS384' : 'RS256');
    await expect(validate({ at_hash: wrong }, {}, alg)).rejects.toThrow(refused('"at_hash"'));
  });

  it.each(['', 'x', null, 7, [leftHalf('the-access-token', 'ES256')], leftHalf('another-token', 'ES256')])(
    '%j does not fit',
    async (at_hash) => {
      await refuses('"at_hash"', { at_hash });
    },
  );

  it('may be missing', async () => {
    await expect(validate({ at_hash: undefined })).resolves.toBeDefined();
  });
});

describe('an ID token of a renewal', () => {
  const previous = { iss: good.iss, sub: 'alice', nonce: 'the-nonce' };
  const renewal = { nonce: undefined, previous };

  it('may leave the nonce out, or repeat it', async () => {
    await expect(validate({ nonce: undefined }, renewal)).resolves.toBeDefined();
    await expect(validate({}, renewal)).resolves.toBeDefined();
  });

  it('has no other nonce', async () => {
    await refuses('"nonce"', { nonce: 'another' }, renewal);
    await refuses('"nonce"', {}, { nonce: undefined, previous: { iss: good.iss, sub: 'alice' } });
  });

  it('has no nonce at all where the first one is not known any more', async () => {
    const unknown: Partial<Expected> = { nonce: undefined, previous: 'unknown' };
    await expect(validate({ nonce: undefined }, unknown)).resolves.toBeDefined();
    await refuses('not known any more', {}, unknown);
  });

  it('is of the same person', async () => {
    await refuses('another person', { sub: 'mallory' }, renewal);
    await refuses('another person', { sub: 'Alice' }, renewal);
  });

  it('is of the same issuer, although the configuration names another by now', async () => {
    await refuses('another person', { iss: 'https://new.test' }, { ...renewal, issuer: 'https://new.test' });
  });

  it('keeps every other rule', async () => {
    await refuses('"aud"', { aud: 'other' }, renewal);
    await refuses('"exp"', { exp: now - 31 }, renewal);
    await refuses('"azp"', { azp: 'other' }, renewal);
  });
});
