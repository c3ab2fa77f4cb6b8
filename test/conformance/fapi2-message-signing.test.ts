import { decodeProtectedHeader } from 'jose';
import { expect } from 'vitest';
import { brokenSignature, unsigned } from '../support/misbehaving-provider';
import type { Json } from '../support/provider/sign';
import { fapi2, pushedRequest } from './fapi2';
import { dpopPlays } from './fapi2-plays';
import { callOf, finish, type Played, playVariants, stop } from './plan';

type Play =
  Played<'fapi2-message-signing-final-client-test-plan'>[keyof Played<'fapi2-message-signing-final-client-test-plan'>];

const setting = fapi2('fapi2-message-signing', 'private_key_jwt', 'dpop');
const { at, beforeToken, options, before } = setting;

/** The response is verified before the token request, by the keys that are fetched for it. */
const responseCalls = [...beforeToken, '/jwks'];

const refuse =
  (change: (claims: Json) => Json): Play =>
  (scene) => {
    scene.provider.does.responseClaims = (claims) => ({ ...claims, ...change(claims) });
    return stop(scene, 'response_invalid', responseCalls);
  };

const plays: Played<'fapi2-message-signing-final-client-test-plan'> = {
  ...dpopPlays(setting),
  'fapi2-security-profile-final-client-test-happy-path': async (scene) => {
    const outcome = await finish(scene);
    expect(new Set(outcome.calls.map(({ endpoint }) => endpoint))).toEqual(
      new Set([...responseCalls, at('/token'), at('/userinfo')]),
    );
    const request = callOf(outcome, at('/par')).form.get('request') ?? '';
    expect(decodeProtectedHeader(request)).toMatchObject({ alg: 'ES256', typ: 'oauth-authz-req+jwt' });
    expect(pushedRequest(scene)).toMatchObject({ response_mode: 'jwt', code_challenge_method: 'S256' });
    expect(outcome.page.trail.map(({ url }) => url).join()).not.toMatch(/[?&](?:code|state)=/);
    return outcome;
  },
  'fapi2-security-profile-final-client-test-ensure-jarm-without-iss-fails': refuse(() => ({ iss: undefined })),
  'fapi2-security-profile-final-client-test-ensure-jarm-without-aud-fails': refuse(() => ({ aud: undefined })),
  'fapi2-security-profile-final-client-test-ensure-jarm-without-exp-fails': refuse(() => ({ exp: undefined })),
  'fapi2-security-profile-final-client-test-ensure-jarm-with-invalid-iss-fails': refuse(({ iss }) => ({
    iss: `${iss}1`,
  })),
  'fapi2-security-profile-final-client-test-ensure-jarm-with-invalid-aud-fails': refuse(({ aud }) => ({
    aud: `${aud}1`,
  })),
  'fapi2-security-profile-final-client-test-ensure-jarm-with-invalid-sig-fails': (scene) => {
    scene.provider.does.responseJwt = brokenSignature;
    scene.site.nginx.expectLog(/ignoring stale global SSL error/); // njs leaves OpenSSL's error where TLS finds it
    return stop(scene, 'response_invalid', responseCalls);
  },
  'fapi2-security-profile-final-client-test-ensure-jarm-with-expired-exp-fails': refuse(({ exp }) => ({
    exp: Number(exp) - 120,
  })),
  'fapi2-security-profile-final-client-test-ensure-jarm-signature-is-not-none': (scene) => {
    scene.provider.does.responseJwt = unsigned;
    return stop(scene, 'response_invalid', responseCalls);
  },
};

playVariants('fapi2-message-signing-final-client-test-plan', [
  { name: 'private_key_jwt, DPoP', plays, options, before },
]);
