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
  expect(JSON.parse(resourceMetadata('https://app.test', 'https://idp.test', ['a']))).toEqual({
    resource: 'https://app.test',
    authorization_servers: ['https://idp.test'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['a'],
  });
  expect(JSON.parse(resourceMetadata('https://app.test', 'https://idp.test', []))).not.toHaveProperty(
    'scopes_supported',
  );
});
