import { expect } from 'vitest';
import { unsigned } from '../support/misbehaving-provider';
import { callOf, finish, playPlan, stop } from './plan';

playPlan('oidcc-client-config-certification-test-plan', {
  'oidcc-client-test-discovery-openid-config': async (scene) => {
    const { provider } = scene;
    const proper = provider.does.metadata;
    const names = ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint'] as const;
    provider.does.metadata = (document) => {
      const moved = names.map((name) => [name, `${document[name]}?from=metadata`]);
      return { ...(proper(document) as object), ...Object.fromEntries(moved) };
    };
    const outcome = await finish(scene);
    expect(callOf(outcome, '/metadata').url).toBe('/.well-known/openid-configuration');
    for (const endpoint of ['/authorize', '/token', '/userinfo']) {
      expect([endpoint, callOf(outcome, endpoint).query.get('from')]).toEqual([endpoint, 'metadata']);
    }
    return outcome;
  },

  'oidcc-client-test-discovery-jwks-uri-keys': async (scene) => {
    const { provider } = scene;
    const proper = provider.does.metadata;
    provider.does.metadata = (document) => ({
      ...(proper(document) as object),
      jwks_uri: `${document.jwks_uri}?from=metadata`,
    });
    const outcome = await finish(scene);
    expect(callOf(outcome, '/jwks').url).toBe('/jwks?from=metadata');
    return outcome;
  },

  'oidcc-client-test-discovery-issuer-mismatch': (scene) => {
    scene.site.nginx.expectLog(/ discovery_invalid /);
    const proper = scene.provider.does.metadata;
    scene.provider.does.metadata = (document) => ({
      ...(proper(document) as object),
      issuer: `${document.issuer}/INVALID`,
    });
    return stop(scene, 'discovery_invalid', ['/metadata']);
  },

  'oidcc-client-test-idtoken-sig-none': (scene) => {
    scene.provider.does.compact = unsigned;
    return stop(scene, 'id_token_algorithm', ['/metadata', '/authorize', '/token', '/jwks']);
  },

  'oidcc-client-test-signing-key-rotation-just-before-signing': async (scene) => {
    const { provider } = scene;
    await finish(scene); // the keys are known now
    provider.does.idToken = (claims) => {
      provider.rotateKeys();
      return claims;
    };
    const outcome = await finish(scene, scene.browser());
    expect(outcome.calls.map(({ endpoint }) => endpoint)).toEqual(['/authorize', '/token', '/jwks', '/userinfo']);
    return outcome;
  },

  'oidcc-client-test-signing-key-rotation': async (scene) => {
    await finish(scene);
    scene.provider.rotateKeys();
    const outcome = await finish(scene, scene.browser());
    callOf(outcome, '/jwks');
    return outcome;
  },
});
