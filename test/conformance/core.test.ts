import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, type JWK } from 'jose';
import { expect } from 'vitest';
import { brokenSignature, compactToken, Reply, signingKey } from '../support/misbehaving-provider';
import { tlsScene } from '../support/tls-scene';
import { expectBound } from './fapi2';
import { callOf, finish, playVariants, received, stop } from './plan';

const tls = tlsScene({ showsCertificate: true });
const { privateKey: requestKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signingKeyFile = tls.file('request-key.pem', String(requestKey.export({ format: 'pem', type: 'pkcs8' })));

const tokenCalls = ['/metadata', '/authorize', '/token', '/jwks'];

playVariants('oidcc-client-test-plan', [
  {
    name: 'by secret',
    plays: {
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
    options: { changes: { alsoSet: { oidc_id_token_algs: 'RS256 ES256 HS256' } } },
  },
  {
    name: 'by certificate',
    plays: {
      'oidcc-client-test-mtls-endpoint-aliases': async (scene) => {
        const outcome = await finish(scene);
        expect(outcome.calls.map(({ endpoint }) => endpoint)).toEqual([
          '/metadata',
          '/authorize',
          '/mtls/token',
          '/jwks',
          '/mtls/userinfo',
        ]);
        expectBound(scene, tls);
        return outcome;
      },
    },
    options: {
      ...tls.options,
      provider: { ...tls.options.provider, does: { clientAuthentication: ['tls_client_auth'] } },
      changes: {
        set: { oidc_client_secret: '' },
        alsoSet: { ...tls.options.changes?.alsoSet, oidc_client_auth_method: 'tls_client_auth' },
      },
    },
    before: (scene) => {
      scene.provider.client.certificate = tls.fingerprint;
    },
  },
  {
    name: 'with requests by reference',
    plays: {
      'oidcc-client-test-request-uri-signed-rs256': async (scene) => {
        const { keys } = (await scene.agent.get(`${scene.site.url}/_oidc_jwks`)).json<{ keys: JWK[] }>();
        scene.provider.client.keys = keys;
        const outcome = await finish(scene);
        const { query } = callOf(outcome, '/authorize');
        expect([...query.keys()].sort()).toEqual(['client_id', 'request_uri', 'response_type', 'scope']);
        const uri = query.get('request_uri') ?? '';
        expect([uri.startsWith(`${scene.site.url}/_oidc_request?`), uri.length <= 512]).toEqual([true, true]);
        const object = (await scene.agent.get(uri)).text;
        expect(decodeProtectedHeader(object).alg).toBe('RS256');
        return outcome;
      },
    },
    options: {
      provider: {
        does: { requireSigned: true, requestAlgorithms: ['RS256'], clientAuthentication: ['client_secret_basic'] },
      },
      changes: { alsoSet: { oidc_signed_request: 'by_reference', oidc_client_keyfile: signingKeyFile } },
    },
  },
]);
