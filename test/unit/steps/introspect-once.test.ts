import { describe, expect, it } from 'vitest';
import { introspectOnce } from '../../../src/steps/introspect-once';
import { keptTokens } from '../../../src/store/kept-tokens';
import { createSiteContext } from '../../../src/visit/context';
import { fakeZones, removeZonesAfterwards, siteVariables } from '../../support/fake-ngx';
import { type FakeAnswer, fakeRequest } from '../../support/fake-request';

removeZonesAfterwards();

const metadata = { introspection_endpoint: 'https://idp.test/introspect' } as never;
const active = { text: '{"active":true,"sub":"alice"}' };

function visitor(answer: (url: string) => FakeAnswer | Promise<FakeAnswer>, settings: Record<string, string> = {}) {
  const r = fakeRequest({ ...siteVariables, ...settings }, answer);
  const context = createSiteContext(r);
  return { r, ask: (token = 'T', site = 'S') => introspectOnce(context, keptTokens(), metadata, token, site) };
}

const later = (reply: FakeAnswer, milliseconds: number) =>
  new Promise<FakeAnswer>((resolve) => {
    setTimeout(() => resolve(reply), milliseconds);
  });

describe('the word of the provider on a token', () => {
  it('is asked for once by many at a time, by the client', async () => {
    fakeZones();
    const { r, ask } = visitor(() => later(active, 120));
    const all = await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(all.map(({ answer }) => answer?.sub)).toEqual(Array(10).fill('alice'));
    expect(r.subrequests).toHaveLength(1);
    const { location, url, options } = r.subrequests[0] as { location: string; url: string; options: { body: string } };
    expect([location, url, options.body]).toEqual([
      '/_introspect',
      'https://idp.test/introspect',
      'token=T&token_type_hint=access_token',
    ]);
    expect(r.variables.oidc_provider_authorization).toMatch(/^Basic /);
  });

  it('counts for its time, good or bad, and for one site and token', async () => {
    for (const reply of [active, { text: '{"active":false}' }]) {
      fakeZones();
      const { r, ask } = visitor(() => reply, { oidc_introspection_ttl: '7' });
      await ask();
      await ask();
      expect(r.subrequests).toHaveLength(1);
      await ask('T2');
      await ask('T', 'S2');
      expect(r.subrequests).toHaveLength(3);
    }
  });

  it('is asked for each time with a time of 0', async () => {
    fakeZones();
    const { r, ask } = visitor(() => active, { oidc_introspection_ttl: '0' });
    await Promise.all([ask(), ask(), ask()]);
    expect(r.subrequests).toHaveLength(3);
  });

  it('that did not come is asked for again by the next', async () => {
    fakeZones();
    let calls = 0;
    const { ask } = visitor(() => (calls++ === 0 ? { status: 500 } : active));
    await expect(ask()).rejects.toThrow('introspection_failed');
    expect((await ask()).answer?.sub).toBe('alice');
  });

  it('that somebody else does not bring is waited for no longer than a call may take', async () => {
    const zones = fakeZones();
    const { r, ask } = visitor(() => active, { oidc_provider_timeout: '1' });
    const add = zones.oidc_tokens.add;
    zones.oidc_tokens.add = (key, value, ttl) => !key.startsWith('l:') && add(key, value, ttl);
    await expect(ask()).rejects.toThrow('provider_timeout');
    expect(r.subrequests).toEqual([]);
  });

  it('needs an endpoint', async () => {
    fakeZones();
    const context = createSiteContext(fakeRequest(siteVariables));
    await expect(introspectOnce(context, keptTokens(), {} as never, 'T', 'S')).rejects.toThrow(
      '$oidc_introspection_endpoint',
    );
  });
});
