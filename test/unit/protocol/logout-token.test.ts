import { describe, expect, it } from 'vitest';
import { decodeJws, type Jws, verifyJws } from '../../../src/protocol/jws';
import { logoutErrorOf, logoutJws, logoutTokenIn, validateLogoutToken } from '../../../src/protocol/logout-token';
import { logoutClaims, logoutEvent } from '../../support/logout-claims';
import { signerOf } from '../../support/signed-token';

const expected = { issuer: 'https://idp.test', clientId: 'client', now: Math.floor(Date.now() / 1000), clockSkew: 30 };
const { now } = expected;
const proper = (changes: Record<string, unknown> = {}) =>
  logoutClaims(
    { iss: expected.issuer, aud: 'client' },
    { iat: now, exp: now + 120, sid: 'abc', sub: 'alice', ...changes },
  );

async function validated(claims: Record<string, unknown>) {
  const signer = await signerOf('ES256');
  const jws = await verifyJws(decodeJws(await signer.sign(claims)), [signer.jwk as never], { algorithms: ['ES256'] });
  return validateLogoutToken(jws, expected);
}

describe('the claims of a logout token', () => {
  it('that holds say whose session ended, and until when to remember it', async () => {
    expect(await validated(proper({ jti: 'J' }))).toEqual({
      iss: expected.issuer,
      sid: 'abc',
      sub: 'alice',
      jti: 'J',
      until: now + 120,
    });
    expect((await validated(proper({ exp: now + 86400 }))).until).toBe(now + 600);
  });

  it.each([
    ['with a sid alone', { sub: undefined }],
    ['with a sub alone', { sid: undefined }],
    ['for several audiences, without azp', { aud: ['other', 'client'] }],
    ['as old as the clocks may differ', { iat: now - 630, exp: now - 29 }],
    ['a little ahead', { iat: now + 30 }],
    ['with claims that nobody knows', { ignored_claim: 'x', azp: 'other', nbf: now + 900 }],
  ])('%s hold', async (_name, changes) => {
    await expect(validated(proper(changes))).resolves.toBeTruthy();
  });

  it.each([
    ['another issuer', { iss: 'https://idp.test/' }, '"iss" is "https://idp.test/"'],
    ['no issuer', { iss: undefined }, '"iss" is nothing'],
    ['another client', { aud: 'other' }, '"aud" is "other"'],
    ['no audience', { aud: undefined }, '"aud" is nothing'],
    ['an audience that only begins alike', { aud: ['client2'] }, '"aud" is "client2"'],
    ['no iat', { iat: undefined }, '"iat" is nothing'],
    ['an iat to come', { iat: now + 31 }, '"iat" is'],
    ['an iat that is text', { iat: String(now) }, '"iat" is'],
    ['an iat of long ago', { iat: now - 631 }, 'older than 600 s'],
    ['no exp', { exp: undefined }, '"exp" is nothing'],
    ['an exp that is over', { exp: now - 30 }, '"exp" is'],
    ['an exp beyond all numbers', { exp: 1e300 }, '"exp" is'],
    ['no events', { events: undefined }, '"events" is not'],
    ['events of another name', { events: { 'http://schemas.openid.net/event/foo': {} } }, '"events" is not'],
    ['events with one more', { events: { [logoutEvent]: {}, other: {} } }, '"events" is not'],
    ['events that are a list', { events: [logoutEvent] }, '"events" is not'],
    ['an event that is no object', { events: { [logoutEvent]: true } }, '"events" is not'],
    ['events that are text', { events: logoutEvent }, '"events" is not'],
    ['neither sid nor sub', { sid: undefined, sub: undefined }, 'neither "sid" nor "sub"'],
    ['an empty sid', { sid: '' }, '"sid"'],
    ['a sid that is a number', { sid: 7 }, '"sid"'],
    ['a sub that is a list', { sub: ['alice'] }, '"sub"'],
    ['a sub without end', { sub: 'a'.repeat(256) }, '"sub"'],
    ['a nonce', { nonce: 'N' }, '"nonce"'],
    ['a nonce that is null', { nonce: null }, '"nonce"'],
    ['no jti', { jti: undefined }, '"jti"'],
    ['an empty jti', { jti: '' }, '"jti"'],
    ['a jti that is a number', { jti: 7 }, '"jti"'],
    ['a jti without end', { jti: 'j'.repeat(256) }, '"jti"'],
  ])('with %s are refused', async (_name, changes, problem) => {
    const error = await validated(proper(changes)).catch((thrown) => thrown);
    expect([error.code, error.detail]).toEqual(['logout_invalid', expect.stringContaining(problem)]);
  });
});

describe('the form of a back-channel logout', () => {
  const form = 'application/x-www-form-urlencoded';
  const token = async (header: Record<string, unknown> = {}) => (await signerOf('ES256')).sign(proper(), header);

  it.each([{}, { typ: 'logout+jwt' }, { typ: 'LOGOUT+JWT' }, { typ: 'application/logout+jwt' }, { typ: 'JWT' }])(
    'has a token, whose header may say %j',
    async (header) => {
      const jws = logoutTokenIn(form, `other=1&logout_token=${await token(header)}`) as Jws;
      expect(jws.payload.sid).toBe('abc');
    },
  );

  it.each(['application/x-www-form-urlencoded; charset=UTF-8', 'Application/X-WWW-Form-Urlencoded'])(
    'may be called %s',
    async (type) => {
      expect(logoutTokenIn(type, `logout_token=${await token()}`)).toMatchObject({ payload: { sub: 'alice' } });
    },
  );

  it.each([
    ['another content type', 'application/json', (t: string) => `logout_token=${t}`],
    ['a content type that only begins alike', `${form}-not`, (t: string) => `logout_token=${t}`],
    ['no content type', '', (t: string) => `logout_token=${t}`],
    ['no token', form, () => 'a=b'],
    ['an empty token', form, () => 'logout_token='],
    ['nothing', form, () => ''],
    ['two tokens', form, (t: string) => `logout_token=${t}&logout_token=${t}`],
    ['a broken escape', form, (t: string) => `logout_token=${t}&x=%zz`],
    ['two parts', form, (t: string) => `logout_token=${t.split('.').slice(0, 2).join('.')}`],
    ['four parts', form, (t: string) => `logout_token=${t}.a`],
    ['no base64url', form, (t: string) => `logout_token=*${t}`],
    ['a token without end', form, (t: string) => `logout_token=${t}${'A'.repeat(262144)}`],
  ])('with %s is refused', async (_name, type, body) => {
    const sent = body(await token());
    expect(() => logoutTokenIn(type, sent)).toThrow('logout_invalid');
  });

  it('with an encrypted token leaves it to be decrypted, and what is inside must be a logout token', async () => {
    expect(logoutTokenIn(form, 'logout_token=a.b.c.d.e')).toBe('a.b.c.d.e');
    expect(logoutJws(await token()).payload.sub).toBe('alice');
    for (const inside of ['', 'a.b.c.d.e', await token({ typ: 'at+jwt' })]) {
      expect(() => logoutJws(inside)).toThrow('logout_invalid');
    }
  });

  it.each(['at+jwt', 'dpop+jwt', 'secevent+jwt', 'logout+jwt2', 'x-logout+jwt'])(
    'with a token of type %s is refused',
    async (typ) => {
      const sent = `logout_token=${await token({ typ })}`;
      expect(() => logoutTokenIn(form, sent)).toThrow(`"typ" is "${typ}"`);
    },
  );
});

it('what is wrong with a signature is said of the logout token, all else stays what it is', async () => {
  const [signer, other] = [await signerOf('ES256'), await signerOf('ES256', 2)];
  const jws = decodeJws(await signer.sign(proper()), 'logout token');
  const keys = [{ ...other.jwk, kid: signer.jwk.kid } as never];
  const options = { algorithms: ['ES256'], name: 'logout token' };
  const error = logoutErrorOf(await verifyJws(jws, keys, options).catch((thrown) => thrown));
  expect(error).toMatchObject({
    code: 'logout_invalid',
    detail: expect.stringContaining('signature of the logout token'),
  });
  const unrelated = new Error('x');
  expect(logoutErrorOf(unrelated)).toBe(unrelated);
});
