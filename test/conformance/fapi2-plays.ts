import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect } from 'vitest';
import { unsigned } from '../support/misbehaving-provider';
import type { Json } from '../support/provider/sign';
import { changeIdToken, type Fapi2, pushedRequest } from './fapi2';
import { callOf, finish, type Played, stop } from './plan';

export type AllPlays = Played<'fapi2-security-profile-final-client-test-plan'>;
type DpopModule =
  | 'fapi2-security-profile-final-client-test-happy-path-no-dpop-nonce'
  | 'fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity';
type Plays = Omit<AllPlays, DpopModule>;
const now = () => Math.floor(Date.now() / 1000);

/** What is the same whatever the client shows. */
export function plays({ at, beforeToken, expectBound, signsMessages }: Fapi2): Plays {
  // a signed response is verified before the token request, by the keys that are fetched for it
  const responseCalls = signsMessages ? [...beforeToken, '/jwks'] : beforeToken;
  const tokenCalls = signsMessages ? [...responseCalls, at('/token')] : [...beforeToken, at('/token'), '/jwks'];
  const refuseIdToken =
    (change: object | ((tokens: { iss: string; aud: string }) => object)): Plays[keyof Plays] =>
    (scene) => {
      scene.provider.does.idToken = (claims, grant) =>
        changeIdToken(typeof change === 'function' ? change(claims as { iss: string; aud: string }) : { ...change })(
          claims,
          grant,
        );
      return stop(scene, 'id_token_invalid', tokenCalls);
    };
  const refuseResponse =
    (code: Parameters<typeof stop>[1], calls: string[], change: (query: URLSearchParams) => void): Plays[keyof Plays] =>
    (scene) => {
      scene.provider.does.authorization = (query) => {
        change(query);
        return query;
      };
      return stop(scene, code, calls);
    };

  const happyPath: Plays[keyof Plays] = async (scene) => {
    const outcome = await finish(scene);
    expect(outcome.calls.map(({ endpoint }) => endpoint)).toEqual([...tokenCalls, at('/userinfo')]);
    const { query } = callOf(outcome, '/authorize');
    expect([...query.keys()].sort()).toEqual(['client_id', 'request_uri']);
    expect(pushedRequest(scene)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256' });
    const assertion = callOf(outcome, at('/token')).form.get('client_assertion');
    if (assertion !== null) expect(decodeProtectedHeader(assertion).alg).toBe('ES256');
    expectBound(scene);
    return outcome;
  };

  return {
    'fapi2-security-profile-final-client-test-happy-path': happyPath,
    'fapi2-security-profile-final-client-test-happy-path-no-mtls-endpoint-aliases': (scene) => {
      scene.provider.does.metadata = ({ mtls_endpoint_aliases, ...document }) =>
        at('/token') === '/token' ? document : { ...document, ...(mtls_endpoint_aliases as Json) };
      return happyPath(scene);
    },
    'fapi2-security-profile-final-client-test-discovery-issuer-mismatch': (scene) => {
      scene.provider.does.metadata = (document) => ({ ...document, issuer: `${document.issuer}1` });
      scene.site.nginx.expectLog(/ discovery_invalid /);
      return stop(scene, 'discovery_invalid', ['/metadata']);
    },
    'fapi2-security-profile-final-client-test-invalid-iss': refuseIdToken(({ iss }) => ({ iss: `${iss}1` })),
    'fapi2-security-profile-final-client-test-invalid-aud': refuseIdToken(({ aud }) => ({ aud: `${aud}1` })),
    'fapi2-security-profile-final-client-test-invalid-secondary-aud': refuseIdToken(({ aud }) => ({
      aud: [aud, 'another-client'],
    })),
    'fapi2-security-profile-final-client-test-invalid-null-alg': (scene) => {
      scene.provider.does.compact = unsigned;
      return stop(scene, 'id_token_algorithm', tokenCalls);
    },
    'fapi2-security-profile-final-client-test-invalid-alternate-alg': (scene) => {
      scene.provider.does.header = (header) => ({ ...header, alg: 'RS256' });
      return stop(scene, 'id_token_algorithm', tokenCalls);
    },
    'fapi2-security-profile-final-client-test-invalid-expired-exp': refuseIdToken(() => ({ exp: now() - 60 })),
    'fapi2-security-profile-final-client-test-invalid-missing-exp': refuseIdToken({ exp: undefined }),
    'fapi2-security-profile-final-client-test-invalid-missing-aud': refuseIdToken({ aud: undefined }),
    'fapi2-security-profile-final-client-test-invalid-missing-iss': refuseIdToken({ iss: undefined }),
    'fapi2-security-profile-final-client-test-invalid-nonce': refuseIdToken({ nonce: 'another' }),
    'fapi2-security-profile-final-client-test-invalid-missing-nonce': refuseIdToken({ nonce: undefined }),
    'fapi2-security-profile-final-client-test-valid-aud-as-array': (scene) => {
      scene.provider.does.idToken = (claims) => ({ ...claims, aud: [claims.aud] });
      return finish(scene);
    },
    'fapi2-security-profile-final-client-test-invalid-authorization-response-iss': refuseResponse(
      'issuer_mismatch',
      beforeToken,
      (query) => query.set('iss', `${query.get('iss')}1`),
    ),
    'fapi2-security-profile-final-client-test-remove-authorization-response-iss': (scene) => {
      // the profile asks for it, whatever the metadata promise
      const { metadata } = scene.provider.does;
      scene.provider.does.metadata = (document) => ({
        ...(metadata(document) as object),
        authorization_response_iss_parameter_supported: false,
      });
      return refuseResponse('issuer_mismatch', beforeToken, (query) => query.delete('iss'))(scene);
    },
    'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails': refuseResponse(
      'login_expired',
      responseCalls,
      (query) => query.set('state', 'A'.repeat(43)),
    ),
    'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails':
      refuseResponse('callback_invalid', responseCalls, (query) => query.delete('state')),
    'fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in': (scene) => {
      scene.provider.does.expiresIn = undefined;
      return finish(scene);
    },
    'fapi2-security-profile-final-client-test-token-type-case-insensitivity': (scene) => {
      scene.provider.does.tokens = (body) => ({ ...body, token_type: String(body.token_type).toUpperCase() });
      return finish(scene);
    },
    'fapi2-security-profile-final-client-refresh-token-test': async (scene) => {
      scene.provider.does.expiresIn = 2;
      await finish(scene);
      scene.provider.does.expiresIn = 300;
      await sleep(2100);
      const outcome = await finish(scene);
      expect(outcome.calls.map(({ endpoint }) => endpoint)).toEqual([at('/token'), at('/userinfo')]);
      expect(scene.provider.issued.map(({ grant }) => grant)).toEqual(['authorization_code', 'refresh_token']);
      expectBound(scene);
      return outcome;
    },
  };
}

/** What there is for tokens that are bound to a key alone. */
export function dpopPlays(setting: Fapi2): AllPlays {
  const all = plays(setting);
  const happyPath = 'fapi2-security-profile-final-client-test-happy-path';
  return {
    ...all,
    [happyPath]: async (scene) => {
      scene.provider.does.dpopNonce = 'a-nonce-of-the-server';
      const outcome = await finish(scene);
      const proofs = ['/token', '/userinfo'].flatMap((endpoint) => scene.provider.requests(endpoint));
      expect(proofs.map(({ headers }) => decodeJwt(String(headers.dpop)).nonce)).toEqual([
        undefined,
        'a-nonce-of-the-server',
        'a-nonce-of-the-server',
      ]);
      setting.expectBound(scene);
      return outcome;
    },
    'fapi2-security-profile-final-client-test-happy-path-no-dpop-nonce': all[happyPath],
    'fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity': async (scene) => {
      scene.provider.respond('/userinfo', ({ headers }) =>
        decodeJwt(String(headers.dpop)).nonce === 'of-the-api'
          ? undefined
          : {
              status: 401,
              headers: { 'www-authenticate': 'dPoP error="use_dpop_nonce"', 'dpop-nonce': 'of-the-api' },
            },
      );
      const outcome = await finish(scene);
      expect(scene.provider.requests('/userinfo')).toHaveLength(2);
      return outcome;
    },
  };
}
