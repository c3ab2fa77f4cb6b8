// npm run docs:dashboard [SECONDS]: the picture of docs/monitoring/dashboard.json, from a real Prometheus that watches a site
// under made-up load. Grafana is not asked: uPlot draws the panels' queries.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEchoApplication } from '../../test/support/echo-application';
import { freePort } from '../../test/support/free-port';
import { startMisbehavingProvider } from '../../test/support/misbehaving-provider';
import { startSite } from '../../test/support/site';
import { findNginx } from '../nginx/find';
import { uncommented } from '../site/optional';
import { type DrawnPanel, drawPanels } from './draw';
import { findPrometheus } from './find';
import { makeLoad } from './load';

interface Dashboard {
  title: string;
  panels: {
    title: string;
    fieldConfig: { defaults: { unit: string } };
    targets: { expr: string; legendFormat: string }[];
  }[];
}

const folderOfDocs = new URL('../../docs/monitoring/', import.meta.url);
const seconds = Number(process.argv[2] ?? 180);
/** Seconds: Prometheus asks so often, and rates are of so long. */
const [interval, window] = [1, 15];

const locations = `
    location /admins/ {
        set $oidc_require "groups any nobody";
        auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
    }
    location /api/ {
        set $oidc_bearer_audience "api";
        auth_request /_oidc_bearer; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
    }
    location /api/write/ {
        set $oidc_bearer_audience "api"; set $oidc_require_scope "orders:write";
        auth_request /_oidc_bearer; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
    }
`;

const provider = await startMisbehavingProvider({ does: { expiresIn: 75, refreshIdToken: false } });
const application = await startEchoApplication();
const site = await startSite({
  nginx: await findNginx('C'),
  issuer: provider.issuer,
  application: application.address,
  editServer: (conf) => uncommented(conf, '_oidc_metrics'),
  editFrontend: (conf) => conf.replace(/\n {4}location \/ \{/, `\n${locations}    location / {`),
});
const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
const port = await freePort();
const config = `
global: { scrape_interval: ${interval}s }
scrape_configs:
  - job_name: openid_connect
    metrics_path: /_oidc_metrics
    static_configs: [{ targets: ["127.0.0.1:${site.port}"] }]
    metric_relabel_configs: [{ target_label: instance, replacement: "app.example.com" }]
`;
writeFileSync(join(folder, 'prometheus.yml'), config);
const [command = '', ...before] = (await findPrometheus()).prometheus;
const args = [
  `--config.file=${folder}/prometheus.yml`,
  `--storage.tsdb.path=${folder}/data`,
  `--web.listen-address=127.0.0.1:${port}`,
];
const prometheus = spawn(command, [...before, ...args], { cwd: folder, stdio: 'ignore' });
try {
  console.log(`${seconds} s of load`);
  await makeLoad(site.url, provider, seconds);
  await sleep(2 * interval * 1000);
  const { title, panels } = JSON.parse(readFileSync(new URL('dashboard.json', folderOfDocs), 'utf8')) as Dashboard;
  const drawn = await Promise.all(panels.map(drawnPanel));
  writeFileSync(new URL('dashboard.png', folderOfDocs), await drawPanels(title, drawn));
  console.log('wrote docs/monitoring/dashboard.png');
} finally {
  prometheus.kill();
  await Promise.all([site.stop(), application.stop(), provider.stop()]);
  await sleep(500);
  rmSync(folder, { recursive: true, force: true });
}

async function drawnPanel({ title, fieldConfig, targets }: Dashboard['panels'][number]): Promise<DrawnPanel> {
  const series = await Promise.all(targets.map(({ expr, legendFormat }) => ask(expr, legendFormat)));
  return { title, unit: fieldConfig.defaults.unit, series: series.flat() };
}

/** What Prometheus says to a query, over the time of the load. */
async function ask(expr: string, legend: string): Promise<DrawnPanel['series']> {
  const query = expr.replaceAll('$__rate_interval', `${window}s`).replaceAll('$instance', '.*');
  const end = Date.now() / 1000;
  const range = { query, start: String(end - seconds), end: String(end), step: '1' };
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query_range?${new URLSearchParams(range)}`);
  const { status, data } = (await answer.json()) as {
    status: string;
    data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  };
  if (status !== 'success') throw new Error(`Prometheus does not take the query ${query}`);
  return data.result.map(({ metric, values }) => ({
    name: legend.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? ''),
    points: values
      .map(([time, value]): [number, number] => [Math.round(time), Number(value)])
      .filter(([, value]) => Number.isFinite(value)),
  }));
}
