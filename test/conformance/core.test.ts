import { expect } from 'vitest';
import { brokenSignature, compactToken, Reply, signingKey } from '../support/misbehaving-provider';
import { finish, playPlan, received, stop } from './plan';

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

    'oidcc-client-test-userinfo-signed': async (scene) => {
      const { privateKey, kid } = await signingKey('RS256', 1);
      scene.provider.does.idToken = ({ name: _, ...claims }) => claims;
      scene.provider.does.userinfo = (claims) => {
        const about = { ...claims, iss: scene.provider.issuer, aud: scene.provider.client.id };
        return new Reply(200, compactToken({ alg: 'RS256', kid }, about, privateKey), {
          'content-type': 'application/jwt',
        });
      };
      const outcome = await finish(scene);
      expect(received(scene, outcome).headers['x-name']).toBe('Alice Liddell');
      return outcome;
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
