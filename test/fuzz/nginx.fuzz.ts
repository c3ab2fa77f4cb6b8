import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uncommented, withAuditLog } from '../../scripts/site/optional';
import { auditLines, auditText } from '../support/audit-log';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';
import { type Random, randomFrom } from './random';
import { corpus, text } from './texts';

const cases = 1000;
const atOnce = 8;
const seed = Number(process.env.OIDC_FUZZ_SEED ?? Date.now() % 1_000_000_000);
const [cookies, queries, paths] = [corpus('cookies'), corpus('queries'), corpus('paths')];

/** Text of one request line or header: no line may end early, or the request would be another one than meant. */
const oneLine = (value: string) =>
  Buffer.from(value.slice(0, 6000).replace(/[\r\n\0]/g, ''), 'utf8').toString('latin1');
const inTarget = (value: string) => oneLine(value).replace(/ /g, '+').slice(0, 3000);

const requests: ((random: Random) => { target: string; headers: string[] })[] = [
  (random) => ({
    target: `/_codexch?${inTarget(text(random, queries))}`,
    headers: [`Cookie: ${oneLine(text(random, cookies))}`],
  }),
  (random) => ({
    target: `/logout?${inTarget(text(random, queries))}`,
    headers: [`Cookie: ${oneLine(text(random, cookies))}`],
  }),
  (random) => ({
    target: '/logout',
    headers: [`Sec-Fetch-Site: ${oneLine(text(random, ['same-origin', 'cross-site']))}`],
  }),
  (random) => ({
    target: `/front_channel_logout?${inTarget(text(random, queries))}`,
    headers: [`Cookie: ${oneLine(text(random, cookies))}`],
  }),
  (random) => ({ target: '/', headers: [`Cookie: ${oneLine(text(random, cookies))}`] }),
  (random) => ({ target: `/${inTarget(text(random, paths))}`, headers: ['Accept: text/html'] }),
  (random) => ({ target: `/_logout?${inTarget(text(random, queries))}`, headers: [] }),
  (random) => ({
    target: '/',
    headers: [`Cookie: ${random.pick(['auth_token=', 'oidc_attempts='])}${oneLine(text(random, cookies))}`],
  }),
];

/** The whole answer to one raw request, '' when the connection was closed without any. */
function send(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request, 'latin1'));
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer within 20 s')));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

onEachTarget('raw requests', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      editServer: (conf) => uncommented(conf, '_oidc_metrics'),
      editFrontend: withAuditLog,
    });
  });
  afterAll(async () => {
    await site.stop();
    await application.stop();
    await provider.stop();
  });

  /** The names of what is counted. */
  const series = async () => {
    const answer = await send(site.port, 'GET /_oidc_metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    return answer
      .split('\n')
      .filter((line) => line.startsWith('oidc_'))
      .map((line) => line.replace(/ \S+$/, ''));
  };

  it(`${cases} of them get an answer each, none gets in, and no worker dies`, async () => {
    const random = randomFrom(seed);
    const workers = site.nginx.workers().sort();
    const seriesBefore = await series();
    for (let done = 0; done < cases; done += atOnce) {
      const batch = Array.from({ length: atOnce }, () => random.pick(requests)(random));
      await Promise.all(
        batch.map(async ({ target, headers }) => {
          const lines = [`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, 'Connection: close', '', ''];
          const answer = await send(site.port, lines.join('\r\n'));
          const shown = `OIDC_FUZZ_SEED=${seed} ${JSON.stringify(lines).slice(0, 1000)}`;
          expect(answer, shown).toMatch(/^HTTP\/1\.1 [2345]\d\d /);
          const location = /\r\nLocation: (.*)\r\n/i.exec(answer)?.[1];
          if (location) {
            const to = new URL(location, site.url).origin;
            expect([new URL(site.url).origin, new URL(provider.issuer).origin], shown).toContain(to);
          }
        }),
      );
    }
    expect(application.requests).toEqual([]);
    expect(provider.requests('/token')).toEqual([]);
    expect(site.nginx.workers().sort()).toEqual(workers);
    // Whatever came, each line of the audit log is JSON of its schema, and nothing of it became a metric.
    expect(auditLines(auditText(site)).length).toBeGreaterThan(cases / 20);
    expect(await series()).toEqual(seriesBefore);
    expect(site.nginx.errorLog()).not.toMatch(/exited on signal|SyntaxError|TypeError|InternalError|RangeError/);
  });
});
