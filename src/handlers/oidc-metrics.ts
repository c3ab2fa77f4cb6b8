// location = /_oidc_metrics: what was counted, for Prometheus. The location admits 127.0.0.1 only.

import { sendText } from '../browser/respond';
import { counters, gauges, histogram } from '../nginx/metric-table';
import { type CounterZone, entryOf, metrics, metricsZone } from '../nginx/metrics';
import { sessionEntry } from '../session/record';
import { sharedDictStore } from '../store/shared-dict';
import { sessionRoom } from '../visit/session-room';

const zones = ['oidc_sessions', 'oidc_provider', 'oidc_tokens', metricsZone];

/**
 * The text format of Prometheus (version 0.0.4): what all workers counted since NGINX started, and how full zones and store
 * are. The series are those of the table and no other. A browser is refused, as by /_oidc_sessions.
 */
export async function oidcMetrics(r: NginxHTTPRequest): Promise<void> {
  if (r.method !== 'GET') {
    r.headersOut.Allow = 'GET';
    return sendText(r, 405, 'Method not allowed\n');
  }
  if (r.variables.http_sec_fetch_site || r.variables.http_origin) {
    return sendText(r, 403, 'Not for browsers\n');
  }
  const zone = metrics();
  if (!zone) {
    return sendText(r, 503, `frontend.conf lacks "js_shared_dict_zone zone=${metricsZone}:256k type=number;"\n`);
  }
  const lines = counterLines(zone).concat(histogramLines(zone), zoneLines(zone), await storeLines(r));
  r.headersOut['Content-Type'] = 'text/plain; version=0.0.4; charset=utf-8';
  r.headersOut['Cache-Control'] = 'no-store';
  r.return(200, `${lines.join('\n')}\n`);
}

function heading(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** Every series from the beginning, so that its first increase is one. */
function counterLines(zone: CounterZone): string[] {
  let lines: string[] = [];
  for (const name of Object.keys(counters) as (keyof typeof counters)[]) {
    const { help, labels } = counters[name];
    lines = lines.concat(heading(name, 'counter', help));
    for (const values of combinations(labels)) {
      const pairs = labels.map(([label], at) => `${label}="${values[at]}"`).join(',');
      lines.push(`${name}${pairs && `{${pairs}}`} ${zone.get(entryOf(name, values)) || 0}`);
    }
  }
  return lines;
}

function combinations(labels: readonly (readonly [string, readonly string[]])[]): string[][] {
  let all: string[][] = [[]];
  for (const [, values] of labels) {
    const longer: string[][] = [];
    for (const before of all) {
      for (const value of values) {
        longer.push(before.concat(value));
      }
    }
    all = longer;
  }
  return all;
}

function histogramLines(zone: CounterZone): string[] {
  const { name, help, label, values, buckets } = histogram;
  const lines = heading(name, 'histogram', help);
  for (const value of values) {
    const told = (what: string) => zone.get(entryOf('duration', [value, what])) || 0;
    let total = 0;
    for (const bound of (buckets as readonly (number | string)[]).concat('+Inf')) {
      total += told(String(bound));
      lines.push(`${name}_bucket{${label}="${value}",le="${bound}"} ${total}`);
    }
    lines.push(`${name}_sum{${label}="${value}"} ${told('sum')}`, `${name}_count{${label}="${value}"} ${total}`);
  }
  return lines;
}

function gauge(name: keyof typeof gauges, values: [labels: string, value: number][]): string[] {
  return values.length === 0
    ? []
    : heading(name, 'gauge', gauges[name]).concat(values.map(([labels, value]) => `${name}${labels} ${value}`));
}

function zoneLines(counted: CounterZone): string[] {
  const all = ngx.shared as unknown as Record<string, CounterZone | undefined>;
  const known = zones.filter((name) => all[name]);
  const each = (value: (zone: CounterZone) => number): [string, number][] =>
    known.map((name) => [`{zone="${name}"}`, value(all[name] as CounterZone)]);
  return gauge('oidc_sessions', [['', sessionsIn(counted)]]).concat(
    gauge(
      'oidc_zone_capacity_bytes',
      each(({ capacity }) => capacity),
    ),
    gauge(
      'oidc_zone_free_bytes',
      each((zone) => zone.freeSpace()),
    ),
  );
}

/** Of a worker's time, counting sessions takes no more than one part in so many. */
const share = 200;

/** Looking through a large zone takes long: then what was found before is told again for a while, on all workers. */
function sessionsIn(zone: CounterZone): number {
  const began = Date.now();
  const known = zone.get('sessions found');
  if (known !== undefined && began < (zone.get('sessions again') || 0)) {
    return known;
  }
  const found = sharedDictStore('oidc_sessions').keys(sessionEntry('')).length;
  zone.set('sessions found', found);
  zone.set('sessions again', Date.now() + share * (Date.now() - began));
  return found;
}

/** Nothing where this server uses no store that several machines share. */
async function storeLines(r: NginxHTTPRequest): Promise<string[]> {
  try {
    const { shared } = sessionRoom(r);
    if (!shared) {
      return [];
    }
    const { usedMemory, maxMemory, keys, roundTripMs } = await shared.status();
    return gauge('oidc_store_up', [['', 1]]).concat(
      gauge('oidc_store_keys', [['', keys]]),
      gauge('oidc_store_used_bytes', [['', usedMemory]]),
      gauge('oidc_store_limit_bytes', [['', maxMemory]]),
      gauge('oidc_store_round_trip_seconds', [['', roundTripMs / 1000]]),
    );
  } catch {
    return gauge('oidc_store_up', [['', 0]]);
  }
}
