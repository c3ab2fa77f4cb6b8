import { createHash, randomBytes } from 'node:crypto';
import { CookieJar } from 'tough-cookie';
import { demoClient, startProvider } from './provider';

const p = await startProvider({
  port: 0,
  requirePkce: true,
  clients: [
    demoClient(),
    {
      ...demoClient(),
      client_id: 'es',
      id_token_signed_response_alg: 'HS512',
      client_secret: 'x'.repeat(64),
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
});
const jar = new CookieJar();
async function go(url: string, init: RequestInit = {}) {
  const r = await fetch(url, {
    redirect: 'manual',
    ...init,
    headers: { accept: 'text/html', ...(init.headers as object), cookie: jar.getCookieStringSync(url) },
  });
  for (const c of r.headers.getSetCookie()) jar.setCookieSync(c, url, { ignoreError: true });
  return r;
}
async function run(client: string, scope: string, extra: Record<string, string> = {}) {
  const v = randomBytes(32).toString('base64url');
  const q = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: 'http://127.0.0.1:8010/_codexch',
    scope,
    state: 's',
    nonce: 'n',
    code_challenge: createHash('sha256').update(v).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  });
  let url = `${p.issuer}/auth?${q}`;
  for (let i = 0; i < 10; i++) {
    const r = await go(url);
    const l = r.headers.get('location');
    if (l) {
      url = new URL(l, url).href;
      if (url.includes('_codexch')) break;
      continue;
    }
    if (!url.includes('/interaction/')) {
      console.log(r.status, await r.text());
      break;
    }
    const bad = await go(url, { method: 'POST', body: new URLSearchParams({ login: 'alice', password: 'no' }) });
    console.log('form', r.status, 'bad', bad.status);
    const ok = await go(url, { method: 'POST', body: new URLSearchParams({ login: 'alice', password: 'wonderland' }) });
    url = new URL(ok.headers.get('location')!, url).href;
  }
  console.log(url);
  return { code: new URL(url).searchParams.get('code')!, v };
}
async function token(body: Record<string, string>, basic = true) {
  const c = demoClient();
  const r = await fetch(`${p.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams(body),
    headers: basic ? { authorization: 'Basic ' + btoa(`${c.client_id}:${c.client_secret}`) } : {},
  });
  return { status: r.status, ...(await r.json()) };
}
const { code, v } = await run('demo', 'openid profile email offline_access');
const t = await token({
  grant_type: 'authorization_code',
  code,
  redirect_uri: 'http://127.0.0.1:8010/_codexch',
  code_verifier: v,
});
console.log(
  t.status,
  Object.keys(t),
  t.scope,
  t.expires_in,
  JSON.parse(Buffer.from(t.id_token.split('.')[1], 'base64url').toString()),
);
const u = await fetch(`${p.issuer}/me`, { headers: { authorization: `Bearer ${t.access_token}` } });
console.log(await u.json());
const t2 = await token({ grant_type: 'refresh_token', refresh_token: t.refresh_token });
console.log(t2.status, t2.refresh_token !== t.refresh_token);
const t3 = await token({ grant_type: 'refresh_token', refresh_token: t.refresh_token });
console.log(t3, (await token({ grant_type: 'refresh_token', refresh_token: t2.refresh_token })).error);
const es = await run('es', 'openid', { prompt: 'consent' });
const te = await token(
  {
    grant_type: 'authorization_code',
    code: es.code,
    redirect_uri: 'http://127.0.0.1:8010/_codexch',
    code_verifier: es.v,
    client_id: 'es',
    client_secret: 'x'.repeat(64),
  },
  false,
);
console.log(te.status, Buffer.from(te.id_token.split('.')[0], 'base64url').toString());
const lo = await go(
  `${p.issuer}/session/end?id_token_hint=${te.id_token}&post_logout_redirect_uri=http://127.0.0.1:8010/_logout&state=z`,
);
const text = await lo.text();
console.log(lo.status, text.match(/<form[^]*form>/)?.[0]);
const done = await go(`${p.issuer}/session/end/confirm`, {
  method: 'POST',
  body: new URLSearchParams({ xsrf: text.match(/name="xsrf" value="(\w+)"/)![1], logout: 'yes' }),
});
console.log(done.status, done.headers.get('location'));
console.log(p.events.tokenCounts, p.events.tokenRequests[0]);
const rv = await fetch(`${p.issuer}/token/revocation`, {
  method: 'POST',
  body: new URLSearchParams({ token: t2.access_token, client_id: 'es', client_secret: 'x'.repeat(64) }),
});
console.log('revoke', rv.status);
const m = await (await fetch(`${p.issuer}/.well-known/openid-configuration`)).json();
console.log(m);
await p.stop();
