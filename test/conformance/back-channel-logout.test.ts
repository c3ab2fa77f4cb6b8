import { expect } from 'vitest';
import type { Scene } from '../security/site';
import { logoutClaims } from '../support/logout-claims';
import { signingKey, unsigned } from '../support/misbehaving-provider';
import { finish, hasSession, type Outcome, playPlan } from './plan';

type Json = Record<string, unknown>;
/** The logout token of a module, made of the claims of a proper one. */
type Make = (scene: Scene, claims: Json) => Promise<string>;

/**
 * Signs in twice in one session of the provider, and out in one of the browsers; the provider calls the back channel
 * before it sends the browser back.
 */
async function signOut(scene: Scene, make: Make): Promise<{ login: Outcome; status: number; other: boolean }> {
  const { agent, provider, site } = scene;
  const proper = provider.does.metadata;
  provider.does.metadata = (document) => ({
    ...(proper(document) as object),
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  });
  provider.does.idToken = (claims) => ({ ...claims, sid: 'one-session-at-the-provider' });
  const other = scene.browser();
  await finish(scene, other);
  const login = await finish(scene);
  let status = 0;
  provider.does.logout = async (parameters) => {
    const claims = logoutClaims(
      { iss: provider.issuer, aud: provider.client.id },
      { sub: 'alice', sid: 'one-session-at-the-provider', ignored_claim: 'ignored' },
    );
    const answer = await scene.browser().xhr(`${site.url}/back_channel_logout`, {
      method: 'POST',
      form: { logout_token: await make(scene, claims) },
    });
    status = answer.status;
    expect(answer.headers['cache-control']).toContain('no-store');
    return parameters;
  };
  const page = await agent.navigate(`${site.url}/logout`, { from: site.url });
  expect([page.status, new URL(page.url).pathname]).toEqual([200, '/_logout']);
  expect(await hasSession(scene)).toBe(false);
  return { login, status, other: await hasSession(scene, other) };
}

const accepts = (make: Make) => async (scene: Scene) => {
  const { login, ...what } = await signOut(scene, make);
  expect(what).toEqual({ status: 200, other: false });
  return login;
};

const refuses = (make: Make) => async (scene: Scene) => {
  const { login, ...what } = await signOut(scene, make);
  expect(what).toEqual({ status: 400, other: true });
  return login;
};

const sign: Make = ({ provider }, claims) => provider.logoutToken(claims, { typ: null });
const withClaims = (changes: Json) => (scene: Scene, claims: Json) => sign(scene, { ...claims, ...changes });

playPlan(
  'oidcc-client-back-channel-logout-rp-basic',
  {
    'oidcc-client-test-rp-backchannel-rpinitlogout': accepts(sign),
    'oidcc-client-test-rp-backchannel-rpinitlogout-alg-none': refuses(async (scene, claims) =>
      unsigned(await sign(scene, claims)),
    ),
    'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg': refuses(async ({ provider }, claims) => {
      const { kid } = await signingKey('ES256');
      return provider.logoutToken(claims, { alg: 'ES256', kid });
    }),
    'oidcc-client-test-rp-backchannel-rpinitlogout-no-event': refuses(withClaims({ events: undefined })),
    'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event': refuses(
      withClaims({ events: { 'http://schemas.openid.net/event/another-event': {} } }),
    ),
    'oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce': refuses(withClaims({ nonce: 'a-nonce' })),
    'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud': refuses(withClaims({ aud: 'another-client' })),
    'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss': refuses(withClaims({ iss: 'https://another.test' })),
  },
  {
    changes: { alsoSet: { oidc_id_token_algs: 'RS256' } },
    provider: {
      // the key for the wrong algorithm is a proper one
      does: {
        jwks: async ({ keys }) => ({ keys: [...(keys as unknown[]), (await signingKey('ES256')).publicJwk] }),
      },
    },
  },
);
