import { expect } from 'vitest';
import type { SceneOptions } from '../security/site';
import { brokenSignature, signingKey, unsigned } from '../support/misbehaving-provider';
import { callOf, finish, type Played, received, stop } from './plan';

/** Up to the ID token, which is then verified. */
const tokenCalls = ['/metadata', '/authorize', '/token', '/jwks'];
const { id, secret } = { id: 'test-client', secret: 'test-client-secret-of-32-characters' };

/** The modules of a login by code, however the response comes. */
export const basicPlays: Played<'oidcc-client-basic-certification-test-plan'> = {
  'oidcc-client-test': async (scene) => {
    const outcome = await finish(scene);
    expect(outcome.calls.map(({ endpoint }) => endpoint)).toEqual([...tokenCalls, '/userinfo']);
    const { query } = callOf(outcome, '/authorize');
    expect(query.get('response_type')).toBe('code');
    expect(query.get('redirect_uri')).toBe(`${scene.site.url}/_codexch`);
    const { method, form } = callOf(outcome, '/token');
    expect([method, form.get('grant_type')]).toEqual(['POST', 'authorization_code']);
    const [{ accessToken = '' } = {}] = scene.provider.issued;
    expect(callOf(outcome, '/userinfo').headers.authorization).toBe(`Bearer ${accessToken}`);
    return outcome;
  },

  'oidcc-client-test-invalid-iss': (scene) => {
    scene.provider.does.idToken = (claims) => ({ ...claims, iss: `${claims.iss}1` });
    return stop(scene, 'id_token_invalid', tokenCalls);
  },

  'oidcc-client-test-missing-sub': (scene) => {
    scene.provider.does.idToken = (claims) => ({ ...claims, sub: undefined });
    return stop(scene, 'id_token_invalid', tokenCalls);
  },

  'oidcc-client-test-invalid-aud': (scene) => {
    scene.provider.does.idToken = (claims) => ({ ...claims, aud: `${claims.aud}1` });
    return stop(scene, 'id_token_invalid', tokenCalls);
  },

  'oidcc-client-test-missing-iat': (scene) => {
    scene.provider.does.idToken = (claims) => ({ ...claims, iat: undefined });
    return stop(scene, 'id_token_invalid', tokenCalls);
  },

  'oidcc-client-test-kid-absent-single-jwks': async (scene) => {
    scene.provider.does.jwks = ({ keys }) => ({ keys: keys.map((key) => ({ ...key, kid: undefined })) });
    scene.provider.does.header = (header) => ({ ...header, kid: undefined });
    return finish(scene);
  },

  'oidcc-client-test-kid-absent-multiple-jwks': async (scene) => {
    const elliptic = await signingKey('ES256', 1);
    scene.provider.does.publishedKeys = [3, 2, 1];
    scene.provider.does.signingKeyNumber = 1;
    scene.provider.does.jwks = ({ keys }) => ({ keys: [elliptic.publicJwk, ...keys] });
    scene.provider.does.header = (header) => ({ ...header, kid: undefined });
    return finish(scene);
  },

  'oidcc-client-test-idtoken-sig-rs256': async (scene) => {
    const algorithms: unknown[] = [];
    scene.provider.does.header = (header) => {
      algorithms.push(header.alg);
      return header;
    };
    const outcome = await finish(scene);
    expect(algorithms).toEqual(['RS256']);
    return outcome;
  },

  'oidcc-client-test-idtoken-sig-none': (scene) => {
    scene.provider.does.compact = unsigned;
    return stop(scene, 'id_token_algorithm', tokenCalls);
  },

  'oidcc-client-test-invalid-sig-rs256': (scene) => {
    scene.provider.does.compact = brokenSignature;
    return stop(scene, 'id_token_signature', tokenCalls);
  },

  'oidcc-client-test-userinfo-invalid-sub': (scene) => {
    scene.provider.does.userinfo = (claims) => ({ ...claims, sub: `${claims.sub}invalid` });
    return stop(scene, 'userinfo_invalid', [...tokenCalls, '/userinfo']);
  },

  'oidcc-client-test-nonce-invalid': (scene) => {
    scene.provider.does.idToken = (claims) => ({ ...claims, nonce: `${claims.nonce}1` });
    return stop(scene, 'id_token_invalid', tokenCalls);
  },

  'oidcc-client-test-scope-userinfo-claims': async (scene) => {
    const own = ['iss', 'aud', 'exp', 'iat', 'nonce', 'sub', 'at_hash'];
    const only = (names: string[]) => (claims: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(claims).filter(([name]) => names.includes(name)));
    scene.provider.does.idToken = only(own);
    scene.provider.does.user = {
      sub: 'alice',
      name: 'Alice Liddell', // profile
      email: 'alice@example.com',
      email_verified: true,
      phone_number: '+44 1865 276150',
      address: { formatted: 'Christ Church, Oxford', country: 'England' }, // an object is not the text of a header
    };
    const outcome = await finish(scene);
    const scopes = callOf(outcome, '/authorize').query.get('scope')?.split(' ').sort();
    expect(scopes).toEqual(['address', 'email', 'openid', 'phone', 'profile']);
    const { headers } = received(scene, outcome);
    expect(headers).toMatchObject({
      username: 'alice',
      'x-name': 'Alice Liddell',
      'x-email': 'alice@example.com',
      'x-email-verified': 'true',
      'x-phone': '+44 1865 276150',
    });
    return outcome;
  },

  'oidcc-client-test-client-secret-basic': async (scene) => {
    scene.provider.does.clientAuthentication = ['client_secret_basic'];
    const outcome = await finish(scene);
    const { headers, form } = callOf(outcome, '/token');
    expect(headers.authorization).toBe(`Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`);
    expect(form.has('client_secret')).toBe(false);
    return outcome;
  },
};

/** What they need of the site. */
export const basicOptions: SceneOptions = {
  http: 'js_var $oidc_claim_email_verified;\njs_var $oidc_claim_phone_number;\n',
  changes: {
    proxyHeaders: { 'X-Email-Verified': '$oidc_claim_email_verified', 'X-Phone': '$oidc_claim_phone_number' },
  },
};
