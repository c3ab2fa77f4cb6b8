import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CognitoProvider, startCognito } from '../../support/cognito-provider';
import { type PlusSite, startPlusSite } from '../../support/plus/site';
import { page, signIn } from '../../support/plus/visitor';

describe('a renewal on NGINX Plus', () => {
  let cognito: CognitoProvider;

  beforeAll(async () => {
    cognito = await startCognito();
  });
  afterEach(() => cognito.reset());
  afterAll(() => cognito.stop());

  const start = async (options: Parameters<typeof startPlusSite>[1] = {}) => {
    cognito.allow('https://app.example.com:443/_codexch', 'https://app.example.com:443/_logout');
    return startPlusSite(cognito, options);
  };
  /** Signs in, and takes the ID token out of its zone, as its timeout does. */
  const signInAndDropToken = async (site: PlusSite) => {
    const person = await signIn(site);
    site.nodes[0]?.set('oidc_id_tokens', person.id, '');
    return person;
  };

  const signInAndOutliveToken = async (site: PlusSite) => {
    cognito.does.lifetime = 1;
    const person = await signIn(site);
    cognito.does.lifetime = 3600;
    await sleep(1100);
    return person;
  };

  it('continues the same session, and keeps the refresh token that the answer does not replace', async () => {
    const site = await start();
    const { get, id } = await signInAndOutliveToken(site);
    const before = site.nodes[0]?.dump('refresh_tokens')[id];
    expect((await get('/reports')).status).toBe(200);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe(before);
    expect(Object.keys(site.nodes[0]?.dump('oidc_id_tokens') ?? {})).toEqual([id]);
  });

  it('makes one token request for fifty parallel requests, with rotation and no grace', async () => {
    cognito.does.rotate = true;
    cognito.does.tokenDelay = 100;
    const site = await start();
    const { get, id } = await signInAndOutliveToken(site);
    const before = site.nodes[0]?.dump('refresh_tokens')[id];
    const answers = await Promise.all(Array.from({ length: 50 }, () => get('/')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(cognito.grants('refresh_token')).toHaveLength(1);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).not.toBe(before);
  });

  it('works when the zone has already dropped the ID token', async () => {
    const site = await start();
    const { get, id } = await signIn(site);
    site.nodes[0]?.set('oidc_id_tokens', id, '');
    expect((await get('/')).status).toBe(200);
  });

  it('refuses a renewed ID token of another person, and signs in anew', async () => {
    const site = await start();
    const { get, id } = await signInAndOutliveToken(site);
    cognito.does.claims = { sub: 'somebody-else' };
    expect((await get('/')).status).toBe(302);
    expect(site.nodes[0]?.dump('oidc_id_tokens')[id]).toBe('-');
    expect(site.log.join('\n')).toContain('another person');
  });

  it('keeps the refresh token when the provider is in trouble', async () => {
    const site = await start();
    const { get, id } = await signInAndOutliveToken(site);
    const before = site.nodes[0]?.dump('refresh_tokens')[id];
    const endpoint = site.variables.oidc_token_endpoint as string;
    site.variables.oidc_token_endpoint = `${cognito.domain}/broken`;
    expect((await get('/')).status).toBe(502);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe(before);
    site.variables.oidc_token_endpoint = endpoint;
    expect((await get('/')).status).toBe(200);
  });

  it('starts a sign-in when the refresh token is no longer good', async () => {
    const site = await start();
    const { get, id } = await signInAndOutliveToken(site);
    site.nodes[0]?.set('refresh_tokens', id, 'stolen');
    const answer = await get('/');
    expect(answer.status).toBe(302);
    expect(String(answer.headers.Location)).toContain('/oauth2/authorize?');
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe('-');
  });

  const refusals = (errors: string) =>
    errors.split(' ').map((error) => [error, { status: 400, body: { error } }] as const);

  it.each(refusals('invalid_grant interaction_required login_required consent_required account_selection_required'))(
    'that the provider refuses with %s ends the session: a page is led to sign-in, a script gets 401',
    async (error, refreshAnswer) => {
      const site = await start();
      const { get, id, cookie } = await signInAndDropToken(site);
      cognito.does.refreshAnswer = refreshAnswer;
      const answer = await get('/');
      expect([answer.status, answer.headers.Location]).toEqual([302, expect.stringContaining('/oauth2/authorize?')]);
      expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe('-');
      expect(site.log.join('\n')).toMatch(new RegExp(`ReferenceID: \\w{8} refresh_rejected .*${error}`));
      expect((await site.request({ uri: '/', headers: { cookie, 'sec-fetch-mode': 'cors' } })).status).toBe(401);
      expect(cognito.grants('refresh_token')).toHaveLength(1);
    },
  );

  it.each([
    ...refusals('unauthorized_client invalid_client invalid_request unsupported_grant_type'),
    ['400, text/html', { status: 400, body: '<h1>Bad request</h1>' }] as const,
  ])('that fails with %s is an error that names it, and the person can sign in again', async (said, refreshAnswer) => {
    const site = await start();
    const { get, id } = await signInAndDropToken(site);
    const before = site.nodes[0]?.dump('refresh_tokens')[id];
    cognito.does.refreshAnswer = refreshAnswer;
    const answer = await get('/reports?a=b');
    expect([answer.status, answer.headers['Content-Type']]).toEqual([502, 'text/html; charset=utf-8']);
    expect(answer.body).toContain('href="/reports?a=b"');
    expect(answer.body).toContain('href="/logout?sign_in=%2Freports%3Fa%3Db"');
    expect(site.log.join('\n')).toContain(said);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe(before); // for when the operator has mended it
    const out = await get('/logout?sign_in=%2Freports%3Fa%3Db');
    expect([out.status, out.headers.Location]).toEqual([302, '/reports?a=b']);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe('-');
    expect((await site.request(page('/reports?a=b'))).headers.Location).toContain('/oauth2/authorize?');
    expect(cognito.grants('refresh_token')).toHaveLength(1);
  });

  it.each(['https://evil.test/', '//evil.test', '/%5Cevil.test'])(
    'leads to no other site afterwards: %s',
    async (path) => {
      const site = await start();
      const { get } = await signInAndDropToken(site);
      const { headers } = await get(`/logout?sign_in=${encodeURIComponent(decodeURIComponent(path))}`);
      expect(headers.Location).toBe('/');
    },
  );

  it('is given up for a sign-in by no other site', async () => {
    const site = await start();
    const { id, cookie } = await signInAndDropToken(site);
    const headers = { cookie, 'sec-fetch-site': 'cross-site' };
    expect((await site.request({ uri: '/logout?sign_in=%2F', headers })).body).toContain('Do you want to sign out');
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toMatch(/^refresh-/);
  });

  it('without an ID token leads to sign-in once, and the log says what auth_jwt lacks', async () => {
    cognito.does.idTokenAtRefresh = false;
    const site = await start();
    const { get, id } = await signInAndDropToken(site);
    const answer = await get('/');
    expect([answer.status, answer.headers.Location]).toEqual([302, expect.stringContaining('/oauth2/authorize?')]);
    expect(site.log.join('\n')).toMatch(/refresh_rejected .*without an ID token.*auth_jwt/);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toBe('-');
    expect((await (await signIn(site)).get('/')).status).toBe(200);
    expect(cognito.grants('refresh_token')).toHaveLength(1);
  });

  it('whose ID token cannot be checked yet keeps the refresh token that took the place of the old one', async () => {
    cognito.does.rotate = true;
    const site = await start();
    const { get, id } = await signInAndDropToken(site);
    const before = site.nodes[0]?.dump('refresh_tokens')[id];
    const keys = site.variables.oidc_jwt_keyfile as string;
    site.variables.oidc_issuer = cognito.issuer;
    site.variables.oidc_jwt_keyfile = `${cognito.domain}/broken`;
    expect((await get('/')).status).toBe(502);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).toMatch(/^refresh-/);
    expect(site.nodes[0]?.dump('refresh_tokens')[id]).not.toBe(before);
    site.variables.oidc_jwt_keyfile = keys;
    expect((await get('/')).status).toBe(200);
  });

  it('does not bring back a session that was signed out meanwhile', async () => {
    cognito.does.claims = { sid: 'session-of-the-provider' };
    const site = await start();
    const { get, id } = await signInAndOutliveToken(site);
    cognito.does.tokenDelay = 200;
    const renewed = get('/');
    await sleep(100);
    await site.request({ uri: '/front_channel_logout?sid=session-of-the-provider' });
    expect((await renewed).status).toBe(302);
    for (const zone of ['oidc_id_tokens', 'oidc_access_tokens', 'refresh_tokens']) {
      expect(site.nodes[0]?.dump(zone)[id]).toBe('-');
    }
  });

  it('logs the end of a session as JSON where that is asked for', async () => {
    const site = await start({ variables: { oidc_log_format: 'json' } });
    const { get } = await signInAndDropToken(site);
    cognito.does.refreshAnswer = { status: 400, body: { error: 'invalid_grant' } };
    await get('/');
    const line = site.log.find((one) => one.includes('refresh_rejected')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ refId: expect.stringMatching(/^\w{8}$/), uri: '/' });
  });

  describe('of a session that began under the original script', () => {
    /** Nothing is under `first:`, and the ID token is there or not. */
    const signInAsBefore = async (site: PlusSite, idToken: 'kept' | 'dropped') => {
      const person = await signIn(site);
      const [node] = site.nodes;
      node?.set('oidc_sids', `first:${person.id}`, '');
      const token = node?.dump('oidc_id_tokens')[person.id] ?? '';
      if (idToken === 'dropped') node?.set('oidc_id_tokens', person.id, '');
      return { ...person, first: decodeJwt(token) };
    };
    const outlive = async (site: PlusSite) => {
      cognito.does.lifetime = 1;
      const person = await signInAsBefore(site, 'kept');
      cognito.does.lifetime = 3600;
      await sleep(1100);
      return person;
    };
    const remembered = (site: PlusSite, id: string) =>
      JSON.parse(site.nodes[0]?.dump('oidc_sids')[`first:${id}`] ?? '');

    it('remembers what the first ID token said, so that the next one needs it no more', async () => {
      const site = await start();
      const { get, id, first } = await outlive(site);
      expect((await get('/')).status).toBe(200);
      expect(remembered(site, id)).toEqual({ iss: first.iss, sub: first.sub, nonce: first.nonce });
      site.nodes[0]?.set('oidc_id_tokens', id, '');
      expect((await get('/')).status).toBe(200);
    });

    it('takes a token without nonce where the first one is gone, and holds the next to it', async () => {
      cognito.does.nonceAtRefresh = false;
      const site = await start();
      const { get, id, first } = await signInAsBefore(site, 'dropped');
      expect((await get('/')).status).toBe(200);
      expect(remembered(site, id)).toEqual({ iss: first.iss, sub: first.sub });
      site.nodes[0]?.set('oidc_id_tokens', id, '');
      cognito.does.claims = { sub: 'somebody-else' };
      expect((await get('/')).status).toBe(302);
      expect(site.log.join('\n')).toContain('another person');
    });

    it('does not take a nonce that nothing is there to compare with, and says so', async () => {
      const site = await start();
      const { get } = await signInAsBefore(site, 'dropped');
      expect((await get('/')).status).toBe(302);
      expect(site.log.join('\n')).toContain('the first ID token, which it must repeat, is not known any more');
    });

    it('writes the link from the sid of the provider anew, so that it lives as long as the session', async () => {
      cognito.does.claims = { sid: 'session-of-the-provider' };
      const site = await start();
      const { get, id } = await signInAndDropToken(site);
      site.nodes[0]?.set('oidc_sids', 'session-of-the-provider', '');
      await get('/');
      expect(site.nodes[0]?.dump('oidc_sids')['session-of-the-provider']).toBe(id);
    });
  });
});
