import { describe, expect, it } from 'vitest';
import { oidcError } from '../../../src/protocol/errors';
import { type PublishedDocument, publishedDocument, refetchedDocument } from '../../../src/provider/published-document';
import { type FakeAnswer, fakeContext, fakeRequest } from '../../support/fake-request';

const url = 'https://idp.test/jwks';
const wanted: PublishedDocument<{ version: number }> = {
  name: 'keys',
  location: '/_jwks_uri',
  url,
  parse: (text) => {
    if (!text.startsWith('{')) throw oidcError('jwks_invalid', 'not JSON');
    return JSON.parse(text);
  },
};

/** A provider whose answer the test sets, and a context that calls it. */
function started() {
  const provider = { answer: { text: '{"version":1}' } as FakeAnswer, delay: 0 };
  const r = fakeRequest({}, async () => {
    await new Promise((resolve) => setTimeout(resolve, provider.delay));
    return provider.answer;
  });
  const context = fakeContext(r);
  const wait = (seconds: number) => {
    context.cache.now += seconds;
    Object.assign(context, { now: context.cache.now });
  };
  return { provider, r, context, wait, get: () => publishedDocument(context, wanted) };
}

describe('a published document', () => {
  it('is fetched once and then known to everybody', async () => {
    const { r, get, wait } = started();
    for (let i = 0; i < 5; i++) expect(await get()).toEqual({ version: 1 });
    wait(3599);
    await get();
    expect(r.subrequests.map(({ location, url: to }) => [location, to])).toEqual([['/_jwks_uri', url]]);
  });

  it('is fetched by one of many that want it at once', async () => {
    const { r, provider, get } = started();
    provider.delay = 20;
    const all = await Promise.all(Array.from({ length: 20 }, get));
    expect(all).toEqual(Array(20).fill({ version: 1 }));
    expect(r.subrequests).toHaveLength(1);
  });

  it('is fetched again when it has grown old', async () => {
    const { provider, get, wait } = started();
    await get();
    provider.answer = { text: '{"version":2}' };
    wait(3600);
    expect(await get()).toEqual({ version: 2 });
  });

  it.each([
    ['is down', { status: 502 }],
    ['has an error', { status: 500, text: '{"version":9}' }],
    ['answers nonsense', { text: '<html>' }],
    ['answers compressed', { text: '{"version":9}', headers: { 'Content-Encoding': 'gzip' } }],
    ['is cut off', { text: '{"version":9}', headers: { 'Content-Length': '99' } }],
  ])('stays in use when the provider %s, which is tried again only after a while', async (_name, answer) => {
    const { r, provider, get, wait } = started();
    await get();
    wait(3600);
    provider.answer = answer;
    expect(await get()).toEqual({ version: 1 });
    expect(await get()).toEqual({ version: 1 });
    expect(r.subrequests).toHaveLength(2);
    expect(r.log[0]).toMatchObject({ level: 'warn', line: expect.stringContaining('stays in use') });
    wait(10);
    provider.answer = { text: '{"version":2}' };
    expect(await get()).toEqual({ version: 2 });
  });

  it('that never was there is an error, and the next request tries again', async () => {
    const { provider, get } = started();
    provider.answer = { status: 404 };
    await expect(get()).rejects.toMatchObject({ code: 'jwks_failed' });
    provider.answer = { text: '<html>' };
    await expect(get()).rejects.toMatchObject({ code: 'jwks_invalid' });
    provider.answer = { text: '{"version":1}' };
    expect(await get()).toEqual({ version: 1 });
  });

  it('that another worker fetches and never gets is not waited for without end', async () => {
    const { context, get } = started();
    context.cache.add(`fetching:${url}`, '1', 1000);
    await expect(get()).rejects.toMatchObject({ code: 'provider_timeout' });
  });
});

describe('a document that a token wants fetched again', () => {
  const one = { version: 1 };

  it('is fetched three times in 30 s, and says how long the fourth has to wait', async () => {
    const { r, context, provider, get, wait } = started();
    await get();
    provider.answer = { text: '{"version":2}' };
    expect(await refetchedDocument(context, wanted, one)).toEqual({ document: { version: 2 } });
    wait(20);
    for (let i = 0; i < 2; i++) {
      expect(await refetchedDocument(context, wanted, { version: 2 })).toEqual({ document: { version: 2 } });
    }
    for (let i = 0; i < 20; i++) {
      const { retryAfter } = (await refetchedDocument(context, wanted, { version: 2 })) as { retryAfter: number };
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(30);
    }
    expect(r.subrequests).toHaveLength(4);
    expect(await get()).toEqual({ version: 2 });
    wait(10);
    expect(await refetchedDocument(context, wanted, { version: 2 })).toEqual({ document: { version: 2 } });
    expect(await refetchedDocument(context, wanted, { version: 2 })).toHaveProperty('retryAfter');
  });

  it('is the one that somebody else got meanwhile', async () => {
    const { r, context, provider, get } = started();
    await get();
    provider.answer = { text: '{"version":2}' };
    provider.delay = 20;
    const all = await Promise.all(Array.from({ length: 20 }, () => refetchedDocument(context, wanted, one)));
    expect(all).toEqual(Array(20).fill({ document: { version: 2 } }));
    expect(r.subrequests).toHaveLength(2);
  });

  it('is fetched by one at a time, each of whom may fail', async () => {
    const { r, context, provider, get } = started();
    await get();
    provider.answer = { status: 503 };
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => refetchedDocument(context, wanted, one)));
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(3);
    expect(r.subrequests).toHaveLength(4);
  });

  it('that another worker fetches and never gets is not waited for without end', async () => {
    const { context, get } = started();
    await get();
    context.cache.add(`refetching:${url}`, '1', 1000);
    await expect(refetchedDocument(context, wanted, one)).rejects.toMatchObject({ code: 'provider_timeout' });
  });
});
