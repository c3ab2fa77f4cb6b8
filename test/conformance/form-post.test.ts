import { expect } from 'vitest';
import type { SceneOptions } from '../security/site';
import { basicOptions, basicPlays } from './basic';
import { callOf, type Outcome, playVariants, stop } from './plan';

/** That the response came as a form, and never in an address. */
function expectPosted(outcome: Outcome): Outcome {
  expect(callOf(outcome, '/authorize').query.get('response_mode')).toBe('form_post');
  const callback = outcome.page.trail.filter(({ url }) => url.includes('/_codexch'));
  expect(callback[0]?.status).toBe(302); // to the same address, sealed
  expect(callback.map(({ url }) => url).join()).not.toMatch(/[?&](?:code|state|error)=/);
  return outcome;
}

const posted = (authzExtraArgs?: string): SceneOptions => ({
  ...basicOptions,
  changes: {
    ...basicOptions.changes,
    alsoSet: {
      oidc_response_mode: 'form_post',
      ...(authzExtraArgs === undefined ? {} : { oidc_authz_extra_args: authzExtraArgs }),
    },
  },
});

const basic = Object.entries(basicPlays).map(([name, play]) => [
  name,
  async (scene: Parameters<typeof play>[0]) => expectPosted(await play(scene)),
]);

playVariants('oidcc-client-formpost-basic-certification-test-plan', [
  { name: 'form_post', plays: Object.fromEntries(basic), options: posted() },
  {
    name: 'form_post, without asking the person',
    plays: {
      'oidcc-client-test-form-post-error': async (scene) => {
        scene.provider.does.authorization = (query) => {
          query.delete('code');
          query.set('error', 'login_required');
          return query;
        };
        const outcome = await stop(scene, 'provider_error', ['/metadata', '/authorize']);
        const { query } = callOf(outcome, '/authorize');
        expect([query.get('max_age'), query.get('prompt')]).toEqual(['0', 'none']);
        return expectPosted(outcome);
      },
    },
    options: posted('max_age=0&prompt=none'),
  },
]);
