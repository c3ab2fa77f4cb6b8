import { expect } from 'vitest';
import { callOf, finish, playPlan, stop } from './plan';

const tokenCalls = ['/metadata', '/authorize', '/token', '/jwks'];

playPlan(
  'oidcc-client-formpost-basic-certification-test-plan',
  {
    'oidcc-client-test': async (scene) => {
      const outcome = await finish(scene);
      expect(callOf(outcome, '/authorize').query.get('response_mode')).toBe('form_post');
      const callback = outcome.page.trail.filter(({ url }) => url.includes('/_codexch'));
      expect(callback.map(({ status }) => status)).toEqual([302, 302]);
      expect(callback.map(({ url }) => url).join()).not.toMatch(/[?&](?:code|state)=/);
      return outcome;
    },
    'oidcc-client-test-form-post-error': (scene) => {
      scene.provider.does.authorization = (query) => {
        query.delete('code');
        query.set('error', 'access_denied');
        return query;
      };
      return stop(scene, 'provider_error', ['/metadata', '/authorize']);
    },
    'oidcc-client-test-invalid-iss': (scene) => {
      scene.provider.does.idToken = (claims) => ({ ...claims, iss: `${claims.iss}1` });
      return stop(scene, 'id_token_invalid', tokenCalls);
    },
    'oidcc-client-test-nonce-invalid': (scene) => {
      scene.provider.does.idToken = (claims) => ({ ...claims, nonce: `${claims.nonce}1` });
      return stop(scene, 'id_token_invalid', tokenCalls);
    },
    'oidcc-client-test-client-secret-basic': async (scene) => {
      scene.provider.does.clientAuthentication = ['client_secret_basic'];
      const outcome = await finish(scene);
      expect(callOf(outcome, '/token').headers.authorization).toMatch(/^Basic /);
      return outcome;
    },
  },
  { changes: { alsoSet: { oidc_response_mode: 'form_post' } } },
);
