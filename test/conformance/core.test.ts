import { expect } from 'vitest';
import { brokenSignature, signingKey } from '../support/misbehaving-provider';
import { callOf, finish, playPlan, stop } from './plan';

const tokenCalls = ['/metadata', '/authorize', '/token', '/jwks'];

playPlan(
  'oidcc-client-test-plan',
  {
    'oidcc-client-test-missing-aud': (scene) => {
      scene.provider.does.idToken = (claims) => ({ ...claims, aud: undefined });
      return stop(scene, 'id_token_invalid', tokenCalls);
    },

    'oidcc-client-test-invalid-athash': (scene) => {
      scene.provider.does.tokens = (body) => ({ ...body, access_token: 'another' });
      return stop(scene, 'id_token_invalid', tokenCalls);
    },

    'oidcc-client-test-invalid-sig-es256': async (scene) => {
      await signingKey('ES256', 1);
      scene.provider.does.alg = 'ES256';
      scene.provider.does.compact = brokenSignature;
      return stop(scene, 'id_token_signature', tokenCalls);
    },

    'oidcc-client-test-invalid-sig-hs256': (scene) => {
      scene.provider.does.alg = 'HS256';
      scene.provider.does.compact = brokenSignature;
      return stop(scene, 'id_token_signature', tokenCalls);
    },
  },
  { changes: { alsoSet: { oidc_id_token_algs: 'RS256 ES256 HS256' } } },
);

playPlan('oidcc-client-test-3rd-party-init-login-test-plan', {
  'oidcc-client-test-3rd-party-init-login': async (scene) => {
    const { issuer } = scene.provider;
    const asked = new URLSearchParams({ iss: issuer, login_hint: 'bob', target_link_uri: 'https://evil.test/' });
    const outcome = await finish(scene, scene.agent, { path: `/start?${asked}`, from: issuer });
    expect(callOf(outcome, '/authorize').query.has('login_hint')).toBe(false); // a stranger's choice
    return outcome;
  },
});
