import { describe, expect, it } from 'vitest';
import { parsePushedResponse } from '../../../src/protocol/pushed-request';

const uri = 'urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c';

describe('the answer to a pushed request', () => {
  it.each([201, 200])('of %i gives the URI that stands for it', (status) => {
    expect(parsePushedResponse(status, JSON.stringify({ request_uri: uri, expires_in: 60 }))).toBe(uri);
  });

  it.each([
    [400, '{"error":"invalid_request","error_description":"no\\r\\nway"}', /answered 400, invalid_request no\?\?way$/],
    [401, '{"error":"invalid_client"}', /answered 401, invalid_client: check \$oidc_client, .*\$oidc_client_keyfile/],
    [201, '{}', /answered 201, no request_uri$/],
    [201, 'nonsense', /no request_uri$/],
    [201, JSON.stringify({ request_uri: 'a b' }), /no request_uri$/],
    [201, JSON.stringify({ request_uri: `${uri}\r\nSet-Cookie: a=b` }), /no request_uri$/],
    [201, JSON.stringify({ request_uri: ['a'] }), /no request_uri$/],
    [201, JSON.stringify({ request_uri: 'a'.repeat(2001) }), /no request_uri$/],
    [302, JSON.stringify({ request_uri: uri }), /answered 302/],
  ])('%i %s is refused', (status, text, message) => {
    expect(() => parsePushedResponse(status, text)).toThrow(
      expect.objectContaining({ code: 'pushed_request_failed', detail: expect.stringMatching(message) }),
    );
  });

  it.each([500, 503, 429])('of %i means that the provider is in trouble', (status) => {
    expect(() => parsePushedResponse(status, '{"error":"server_error"}')).toThrow(
      expect.objectContaining({ code: 'provider_unreachable' }),
    );
  });
});
