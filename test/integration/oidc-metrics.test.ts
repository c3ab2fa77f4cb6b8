import { execFileSync } from 'node:child_process';
import { expect, it, vi } from 'vitest';
import { findPrometheus } from '../../scripts/monitoring/find';
import { uncommented } from '../../scripts/site/optional';
import { counters, histogram } from '../../src/nginx/metric-table';
import { useScene } from '../security/site';
import { createAgent } from '../support/agent';
import { startCluster } from '../support/cluster-site';
import { startEchoApplication } from '../support/echo-application';
import { happenings, useEventfulSite } from '../support/eventful-site';
import { startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { startStore } from '../support/store-server';

/** Series and what they say. */
function seriesOf(page: string): Record<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const quiet = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined };

onEachTarget('/_oidc_metrics', (nginx) => {
  const scene = useEventfulSite(nginx);
  const ask = (headers: Record<string, string | undefined> = quiet, method = 'GET') =>
    scene.agent.xhr(`${scene.site.url}/_oidc_metrics`, { headers, method });
  const page = async () => (await ask()).text;

  /** The counters that rose meanwhile, and by how much. */
  async function risen(act: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = seriesOf(await page());
    await act();
    const after = seriesOf(await page());
    return Object.fromEntries(
      Object.entries(after)
        .map(([name, value]) => [name, value - (before[name] ?? 0)] as const)
        .filter(([name, value]) => value !== 0 && name.split('{')[0]?.endsWith('_total')),
    );
  }

  it('has every series from the beginning, none twice, in the format that promtool takes', async () => {
    const answer = await ask();
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'no-store',
    ]);
    const {
      promtool: [command = '', ...args],
    } = await findPrometheus();
    execFileSync(command, [...args, 'check', 'metrics'], { input: answer.text, stdio: ['pipe', 'pipe', 'pipe'] });
    const lines = answer.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(Object.keys(seriesOf(answer.text))).toHaveLength(lines.length);
    for (const name of Object.keys(counters)) expect(answer.text).toMatch(new RegExp(`^${name}(\\{| )`, 'm'));
  });

  it('counts over all workers, each event once', async () => {
    const site = happenings(scene);
    const counted = await risen(async () => {
      const alice = await site.people('alice', 20);
      const [bob, , carol] = [...(await site.people('bob', 2)), ...(await site.people('carol', 1))];
      await site.people('dave', 3);
      await site.refusedCallback();
      await site.forgedCallback();
      await site.loop();
      await site.stepUp(alice[0] as never, 'alice');
      await site.denied(bob as never);
      await site.signOut(carol as never);
      await site.signOut(scene.browser());
      await site.signOutEverywhere(bob as never);
      const erin = await site.person('erin');
      await site.frontChannel(erin.sid);
      await site.frontChannel('a-sid-that-nobody-has-0123456789');
      await site.backChannel({ sub: 'alice' });
      await site.backChannel({ sub: 'alice', aud: 'another' }, 400);
      await site.endedByOperator('dave');
      await site.renewal('frank');
      await site.renewal('grace', 'invalid_grant');
      await site.renewal('heidi', 'invalid_client');
      await site.token('/api/', {}, 200);
      await site.token('/api/write/', {}, 403);
      await site.badTokens(40);
    });
    expect(counted).toEqual({
      oidc_sign_ins_started_total: 37,
      'oidc_sign_ins_total{code="ok"}': 31,
      'oidc_sign_ins_total{code="token_request_failed"}': 6,
      'oidc_sign_ins_total{code="login_expired"}': 1,
      oidc_login_loops_total: 1,
      'oidc_renewals_total{code="ok"}': 1,
      'oidc_renewals_total{code="refresh_rejected"}': 1,
      'oidc_renewals_total{code="token_request_failed"}': 1,
      'oidc_sign_outs_total{kind="own"}': 1,
      'oidc_sign_outs_total{kind="everywhere"}': 1,
      'oidc_sign_outs_total{kind="front_channel"}': 1,
      'oidc_sign_outs_total{kind="back_channel"}': 1,
      'oidc_sign_outs_total{kind="administrative"}': 1,
      'oidc_sessions_ended_total{kind="own"}': 1,
      'oidc_sessions_ended_total{kind="everywhere"}': 2,
      'oidc_sessions_ended_total{kind="front_channel"}': 1,
      'oidc_sessions_ended_total{kind="back_channel"}': 21,
      'oidc_sessions_ended_total{kind="administrative"}': 3,
      'oidc_bearer_checks_total{code="ok"}': 1,
      'oidc_bearer_checks_total{code="bearer_scope_missing"}': 1,
      'oidc_bearer_checks_total{code="bearer_token_invalid"}': 40,
      'oidc_denials_total{demand="rule"}': 1,
      'oidc_denials_total{demand="acr"}': 1,
      'oidc_denials_total{demand="scope"}': 1,
      'oidc_errors_total{code="bearer_scope_missing"}': 1,
      'oidc_errors_total{code="bearer_token_invalid"}': 40,
      'oidc_errors_total{code="login_expired"}': 1,
      'oidc_errors_total{code="login_loop"}': 1,
      'oidc_errors_total{code="logout_invalid"}': 1,
      'oidc_errors_total{code="not_allowed"}': 1,
      'oidc_errors_total{code="refresh_rejected"}': 1,
      'oidc_errors_total{code="token_request_failed"}': 7,
      'oidc_provider_calls_total{endpoint="discovery",status="2xx"}': 1,
      'oidc_provider_calls_total{endpoint="jwks_uri",status="2xx"}': 1,
      'oidc_provider_calls_total{endpoint="revoke",status="2xx"}': 2,
      'oidc_provider_calls_total{endpoint="token",status="2xx"}': 31,
      'oidc_provider_calls_total{endpoint="token",status="4xx"}': 6,
      'oidc_provider_calls_total{endpoint="refresh",status="2xx"}': 1,
      'oidc_provider_calls_total{endpoint="refresh",status="4xx"}': 2,
    });
  });

  it('tells how long the provider took, in buckets', async () => {
    scene.provider.does.delays = { '/userinfo': 0, '/token': 300 };
    const before = seriesOf(await page());
    await happenings(scene).people('ivan', 3);
    const after = seriesOf(await page());
    const rose = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    const of = (what: string, le = '') => `oidc_provider_call_duration_seconds_${what}{endpoint="token"${le}}`;
    expect([rose(of('count')), rose(of('bucket', ',le="0.25"')), rose(of('bucket', ',le="10"'))]).toEqual([3, 0, 3]);
    expect(after[of('bucket', ',le="+Inf"')]).toBe(after[of('count')]);
    expect(rose(of('sum'))).toBeGreaterThan(0.9);
    expect(rose(of('sum'))).toBeLessThan(10);
  });

  it('counts looks for newer keys, and calls that the provider does not answer', async () => {
    const site = happenings(scene);
    scene.site.nginx.expectLog(/js: .*provider_unreachable|prematurely closed/);
    const counted = await risen(async () => {
      scene.provider.rotateKeys();
      await site.person('judy');
      scene.provider.respond('/token', { reset: true, times: 1 });
      expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(502);
    });
    expect(counted).toMatchObject({
      'oidc_key_refetches_total{result="fetched"}': 1,
      'oidc_provider_calls_total{endpoint="token",status="unreachable"}': 1,
      'oidc_sign_ins_total{code="provider_unreachable"}': 1,
    });
  });

  it('tells how many sessions there are, and how full the zones are', async () => {
    const stored = async () => (await scene.store()).filter(([key]) => key.startsWith('s:')).length;
    const before = await stored();
    await happenings(scene).people('kim', 7);
    expect(await stored()).toBe(before + 7);
    let after: Record<string, number> = {};
    // A count that took some milliseconds is told for as many seconds.
    await vi.waitFor(
      async () => {
        after = seriesOf(await page());
        expect(after.oidc_sessions).toBe(before + 7);
      },
      { timeout: 20_000, interval: 200 },
    );
    for (const zone of ['oidc_sessions', 'oidc_provider', 'oidc_tokens', 'oidc_metrics']) {
      expect(after[`oidc_zone_free_bytes{zone="${zone}"}`]).toBeGreaterThan(0);
      expect(after[`oidc_zone_capacity_bytes{zone="${zone}"}`]).toBeGreaterThan(
        after[`oidc_zone_free_bytes{zone="${zone}"}`] ?? 0,
      );
    }
    expect(Object.keys(after).filter((name) => name.startsWith('oidc_store_up'))).toEqual([]);
  });

  it('keeps its counts over a reload', async () => {
    await happenings(scene).people('leo', 2);
    const before = seriesOf(await page());
    await scene.site.nginx.reload();
    const after = seriesOf(await page());
    const name = 'oidc_sign_ins_total{code="ok"}';
    expect([after[name], (after[name] ?? 0) > 1]).toEqual([before[name], true]);
  });

  it('has nothing in it from outside, and no secret', async () => {
    const site = happenings(scene);
    const { cookie, sid } = await site.person('"} evil{a="b');
    const token = await site.token('/api/', { sub: 'x', client_id: 'y"}' }, 200);
    const body = JSON.stringify({ error: 'new_series"}', error_description: 'x' });
    scene.provider.respond('/token', { status: 400, body, times: 1 });
    await scene.browser().navigate(`${scene.site.url}/`);
    const before = Object.keys(seriesOf(await page())).length;
    const text = await page();
    for (const secret of [cookie, sid, token, 'evil', 'new_series', ...scene.provider.secrets()]) {
      expect(text).not.toContain(secret);
    }
    expect(Object.keys(seriesOf(text))).toHaveLength(before);
  });

  it('refuses browsers, and everything but GET', async () => {
    expect((await ask({ 'sec-fetch-site': 'same-origin' })).status).toBe(403);
    expect((await ask({ ...quiet, origin: 'null' })).status).toBe(403);
    expect((await ask(quiet, 'POST')).status).toBe(405);
  });
});

onEachTarget('/_oidc_metrics with a store that several machines share', (nginx) => {
  useNginx();

  it('tells how the store is, and counts what it does not answer', async () => {
    const [provider, application, store] = await Promise.all([
      startMisbehavingProvider(),
      startEchoApplication(),
      startStore('valkey-8', { config: [['maxmemory', '50mb']] }),
    ]);
    const agent = createAgent();
    try {
      const [site] = await startCluster({
        nginx,
        nodes: 1,
        stores: [`127.0.0.1:${store.port}`],
        issuer: provider.issuer,
        application: application.address,
        editServer: (conf) => uncommented(conf, '_oidc_metrics'),
      });
      const page = async () => seriesOf((await agent.xhr(`${site?.url}/_oidc_metrics`, { headers: quiet })).text);
      expect((await agent.navigate(`${site?.url}/`)).status).toBe(200);
      const up = await page();
      expect(up).toMatchObject({ oidc_store_up: 1, oidc_store_limit_bytes: 52428800, oidc_sessions: 1 });
      expect(up.oidc_store_keys).toBeGreaterThan(0);
      expect(up.oidc_store_used_bytes).toBeGreaterThan(100_000);
      expect(up.oidc_store_round_trip_seconds).toBeLessThan(1);
      site?.nginx.expectLog(
        /refused|recv\(\) failed|store_unreachable|prematurely closed|connect\(\) failed|no live upstreams|timed out/,
      );
      await store.kill();
      expect((await agent.get(`${site?.url}/logout`)).status).toBe(503);
      const down = await page();
      expect(down.oidc_store_up).toBe(0);
      expect(down['oidc_store_errors_total{code="store_unreachable"}']).toBeGreaterThan(0);
      expect(down.oidc_store_keys).toBeUndefined();
    } finally {
      await Promise.all([agent.close(), store.stop(), provider.stop(), application.stop()]);
    }
  });
});

onEachTarget('/_oidc_metrics without its zone', (nginx) => {
  const scene = useScene(nginx, {
    editServer: (conf) => uncommented(conf, '_oidc_metrics'),
    editFrontend: (conf) => conf.replace(/js_shared_dict_zone zone=oidc_metrics.*\n/, ''),
  });

  it('says which line is missing; signing in and out works', async () => {
    await scene.signedIn();
    expect((await scene.agent.get(`${scene.site.url}/logout`)).status).toBe(302);
    const answer = await scene.agent.xhr(`${scene.site.url}/_oidc_metrics`, { headers: quiet });
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('zone=oidc_metrics:256k type=number;')]);
  });
});

onEachTarget('/_oidc_metrics as shipped', (nginx) => {
  const fill = `export default { fill(r) {
    JSON.parse(r.requestText).forEach((entry) => ngx.shared.oidc_metrics.incr(entry, 1.5, 0));
    r.return(200, String(ngx.shared.oidc_metrics.freeSpace()));
  } };`;
  const scene = useScene(nginx, {
    http: 'js_import fill from conf.d/fill.js;',
    files: { 'conf.d/fill.js': fill },
    editServer: (conf) =>
      `${conf}\nlocation = /fill { auth_request off; client_body_buffer_size 256k; js_content fill.fill; }\n`,
  });

  it('is not there', async () => {
    const { status } = await scene.browser().xhr(`${scene.site.url}/_oidc_metrics`);
    expect(status).toBe(401); // the gate of location /
  });

  it('has a zone with room for every series that there can be', async () => {
    const all = Object.entries<{ labels: readonly (readonly [string, readonly string[]])[] }>(counters).flatMap(
      ([name, { labels }]) =>
        labels
          .reduce<string[][]>(
            (before, [, values]) => before.flatMap((one) => values.map((value) => [...one, value])),
            [[]],
          )
          .map((values) => [name, ...values].join(' ')),
    );
    const { values, buckets } = histogram;
    const durations = values.flatMap((value) => [...buckets, '+Inf', 'sum'].map((one) => `duration ${value} ${one}`));
    const body = JSON.stringify([...all, ...durations]);
    const answer = await scene.agent.xhr(`${scene.site.url}/fill`, { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(Number(answer.text)).toBeGreaterThan(65536); // for codes to come
  });
});
