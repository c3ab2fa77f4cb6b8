import { describe, expect, it } from 'vitest';
import { isCrossSite, isFormPost, isFromOwnPages, isPageNavigation } from '../../../src/browser/navigation';
import { fakeRequest } from '../../support/fake-request';

const request = (headers: Record<string, string>, method = 'GET') => {
  const variables = Object.entries(headers).map(([name, value]) => [`http_${name.replaceAll('-', '_')}`, value]);
  return Object.assign(fakeRequest(Object.fromEntries(variables)), { method });
};

describe('a page that a person opens', () => {
  it.each([
    ['says nothing of itself', {}],
    ['navigates', { 'sec-fetch-mode': 'navigate', accept: 'text/html,*/*;q=0.8' }],
    ['accepts anything', { accept: '*/*' }],
    ['accepts XHTML', { accept: 'application/xhtml+xml' }],
    ['accepts any text', { accept: 'TEXT/*' }],
  ])('%s', (_name, headers) => {
    expect(isPageNavigation(request(headers))).toBe(true);
  });

  it.each([
    ['a script', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
    ['an image', { 'sec-fetch-mode': 'no-cors' }],
    ['a WebSocket', { upgrade: 'websocket' }],
    ['an XMLHttpRequest', { 'x-requested-with': 'XMLHttpRequest', accept: '*/*' }],
    ['an API client', { accept: 'application/json' }],
  ])('is not %s', (_name, headers) => {
    expect(isPageNavigation(request(headers))).toBe(false);
  });

  it.each(['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'get'])('is not %s', (method) => {
    expect(isPageNavigation(request({}, method))).toBe(false);
  });
});

describe('a form that a person sends', () => {
  const html = { accept: 'text/html,*/*;q=0.8' };
  it('is a POST of a page', () => {
    expect(isFormPost(request({ ...html, 'sec-fetch-mode': 'navigate' }, 'POST'))).toBe(true);
    expect(isFormPost(request(html, 'POST'))).toBe(true);
  });

  it.each([
    ['GET', html],
    ['PUT', html],
    ['POST', { accept: '*/*' }],
    ['POST', {}],
    ['POST', { ...html, 'sec-fetch-mode': 'cors' }],
    ['POST', { ...html, 'x-requested-with': 'XMLHttpRequest' }],
  ])('is not %s with %j', (method, headers) => {
    expect(isFormPost(request(headers, method))).toBe(false);
  });
});

describe('a request of the own pages', () => {
  const site = 'https://app.test:443';
  const own = 'https://app.test';

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
    [{ origin: own }, true],
    [{ 'sec-fetch-site': 'same-site', origin: own }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: own }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: 'null' }, false],
    [{ origin: 'http://app.test' }, false],
    [{ origin: 'https://app.test.evil.test' }, false],
    [{ referer: `${own}/form` }, false],
    [{}, false],
  ])('by %j: %s', (headers, expected) => {
    expect(isFromOwnPages(request(headers as unknown as Record<string, string>, 'POST'), site)).toBe(expected);
  });
});

describe('a request that another site caused', () => {
  const site = 'https://app.test:443';

  it.each([
    ['cross-site', true],
    ['same-site', true],
    ['Same-Origin', true],
    ['same-origin', false],
    ['none', false],
  ])('with Sec-Fetch-Site %s: %s', (value, expected) => {
    expect(isCrossSite(request({ 'sec-fetch-site': value }), site)).toBe(expected);
    expect(isCrossSite(request({ 'sec-fetch-site': value, origin: 'https://app.test' }, 'POST'), site)).toBe(expected);
  });

  it.each([
    ['https://app.test', false],
    ['https://APP.test', false],
    ['https://app.test:443', false],
    ['http://app.test', true],
    ['https://app.test:8443', true],
    ['https://app.test.evil.test', true],
    ['https://evil.test', true],
    ['null', true],
  ])('is told from Origin %s of a POST by an old browser: %s', (origin, expected) => {
    expect(isCrossSite(request({ origin }, 'POST'), site)).toBe(expected);
  });

  it('is not known from a GET or a POST of a browser that says nothing', () => {
    expect(isCrossSite(request({}), site)).toBe(false);
    expect(isCrossSite(request({}, 'POST'), site)).toBe(false);
  });
});
