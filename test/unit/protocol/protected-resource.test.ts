import { expect, it } from 'vitest';
import { metadataUrl, resourceMetadata } from '../../../src/protocol/protected-resource';

it.each([
  ['https://app.test', 'https://app.test/.well-known/oauth-protected-resource'],
  ['https://app.test/', 'https://app.test/.well-known/oauth-protected-resource'],
  ['https://app.test:8443/mcp', 'https://app.test:8443/.well-known/oauth-protected-resource/mcp'],
  ['https://app.test/a/b/', 'https://app.test/.well-known/oauth-protected-resource/a/b/'],
])('the metadata of %s are at %s', (resource, url) => {
  expect(metadataUrl(resource)).toBe(url);
});

it('say what it is called, who gives out tokens, and how they come', () => {
  expect(JSON.parse(resourceMetadata('https://app.test', 'https://idp.test', ['a'], 'off'))).toEqual({
    resource: 'https://app.test',
    authorization_servers: ['https://idp.test'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['a'],
  });
  expect(JSON.parse(resourceMetadata('https://app.test', 'https://idp.test', [], 'off'))).not.toHaveProperty(
    'scopes_supported',
  );
});

it.each([
  ['dpop', { dpop_bound_access_tokens_required: true, dpop_signing_alg_values_supported: expect.any(Array) }],
  ['mtls', { tls_client_certificate_bound_access_tokens: true }],
  ['any', { dpop_signing_alg_values_supported: expect.any(Array), tls_client_certificate_bound_access_tokens: true }],
] as const)('say what tokens must be bound to: %s', (bound, members) => {
  const usual = JSON.parse(resourceMetadata('https://app.test', 'https://idp.test', [], 'off'));
  const document = JSON.parse(resourceMetadata('https://app.test', 'https://idp.test', [], bound));
  expect(document).toEqual({ ...usual, ...members });
});
