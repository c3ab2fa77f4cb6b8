import { describe, expect, it } from 'vitest';
import { redirect, sendErrorPage, sendJson } from '../../../src/browser/respond';
import { asOidcError, oidcError } from '../../../src/protocol/errors';
import { fakeRequest } from '../../support/fake-request';

describe('a redirect', () => {
  it.each(['/', '/a?b=c', 'https://idp.test/authorize?x=y', 'http://127.0.0.1:9000/'])('may lead to %s', (target) => {
    const r = fakeRequest();
    redirect(r, target);
    expect([r.status, r.body, r.headersOut['Cache-Control']]).toEqual([302, target, 'no-store']);
  });

  it.each([
    '',
    'a',
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://x/',
    '/a\r\nSet-Cookie: x=1',
    'https://idp.test/\n',
    '/a b',
    '/é',
  ])('is refused to %j', (target) => {
    const r = fakeRequest();
    expect(() => redirect(r, target)).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(r.status).toBeUndefined();
  });
});

describe('an error page', () => {
  it('has the reference that is in the log, and not what is only for the log', () => {
    const r = fakeRequest();
    sendErrorPage(r, oidcError('token_request_failed', 'a detail for the log'), '/again');
    expect(r.status).toBe(502);
    expect(r.body).toContain('Reference: 0123456789ab<');
    expect(r.body).toContain('href="/again"');
    expect(r.body).not.toContain('a detail for the log');
    expect(r.log).toEqual([
      { level: 'error', line: 'oidc: token_request_failed ref=0123456789ab a detail for the log' },
    ]);
  });

  it.each(['1', 'on'])('has the cause as well where $oidc_debug is %s, escaped', (debug) => {
    const r = fakeRequest({ oidc_debug: debug });
    sendErrorPage(r, oidcError('token_request_failed', 'the endpoint said <b>no</b>'), '/again');
    expect(r.body).toContain('Cause: token_request_failed: the endpoint said &lt;b&gt;no&lt;/b&gt;<');
  });

  it.each([undefined, '', '0', 'off', 'no'])('has no cause where $oidc_debug is %s', (debug) => {
    const r = fakeRequest({ oidc_debug: debug });
    sendErrorPage(r, oidcError('token_request_failed', 'a detail for the log'), '/again');
    expect(r.body).not.toContain('a detail for the log');
  });

  it('of what a visitor can cause at will is a warning only', () => {
    const r = fakeRequest();
    sendErrorPage(r, oidcError('callback_invalid', ''), '/');
    expect([r.status, r.log[0]?.level]).toEqual([400, 'warn']);
  });

  it('of something unexpected tells the log one line, and the page nothing of it', () => {
    const r = fakeRequest();
    sendErrorPage(r, new TypeError('secret\ninside'), '/');
    expect(r.status).toBe(500);
    expect(r.body).not.toContain('secret');
    expect(r.log[0]?.line).toContain('internal ref=0123456789ab secret?inside');
  });

  it.each([undefined, null, 'x', { code: 7 }])('comes of anything that was thrown, such as %j', (thrown) => {
    expect(asOidcError(thrown).code).toBe('internal');
  });
});

it('a JSON answer is stored nowhere', () => {
  const r = fakeRequest();
  sendJson(r, 401, { error: 'login_required' });
  expect([r.status, r.body]).toEqual([401, '{"error":"login_required"}\n']);
  expect(r.headersOut).toEqual({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
});
