import { readFileSync, writeFileSync } from 'node:fs';
import type { Capacity } from './capacity';
import type { AtConnections } from './connections';
import type { Cost } from './forged';
import type { Result } from './gate';
import type { Growth } from './growth';
import type { Held } from './held';
import type { Logins } from './logins';
import type { Machine } from './machine';
import type { Peer } from './peer';
import type { Shared } from './shared';
import type { Waiting } from './waiting';

export interface TargetReport {
  target: string;
  nginx: string;
  gate: Result[];
  connections: AtConnections[];
  forged: Cost[];
  held: Held[];
  waiting: Waiting;
  shared: Shared;
  /** or why there is none; in the same run as target C */
  peer: Peer | string | undefined;
  logins: Logins;
  /** Resident memory of the worker, KB: when it started, and after everything above. */
  memory: { fresh: number; used: number };
  capacity: Capacity;
  sessions: Growth[];
  tokenSizes: Growth[];
}

export interface Report extends Machine {
  date: string;
  quick: boolean;
  targets: TargetReport[];
}

/** One target's results for a terminal. */
export function table(report: TargetReport): string {
  const tables = [
    gateTable,
    connectionsTable,
    heldTable,
    forgedTable,
    peerTable,
    sharedTable,
    nodesTable,
    figures,
    growthTables,
  ];
  return [report.nginx, ...tables.flatMap((of) => ['', ...of(report)])].join('\n');
}

const begin = '<!-- measured: begin (npm run bench) -->';
const end = '<!-- measured: end -->';

/** Replaces what lies between the two marks of docs/performance.md. */
export function updateDocument(path: URL, report: Report): void {
  const text = readFileSync(path, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${path.pathname} lacks the marks "${begin}" and "${end}"`);
  const measured = [
    `${report.date}, ${report.machine}; ${report.loadGenerator}.`,
    ...report.targets.flatMap((target) => [`### ${target.nginx}`, table(target).split('\n').slice(2).join('\n')]),
  ].join('\n\n');
  writeFileSync(path, `${text.slice(0, from)}${begin}\n\n${measured.trimEnd()}\n\n${text.slice(to)}`);
}

function gateTable({ gate }: TargetReport): string[] {
  return grid(
    ['', 'requests/s', 'ratio', 'p50', 'p99', 'worker CPU', 'of it user', 'added CPU', 'added, user'],
    gate.map((row) => [
      row.name,
      row.requestsPerSecond.toFixed(0),
      row.ratio.toFixed(2),
      time(row.p50),
      time(row.p99),
      micro(row.cpu),
      micro(row.user),
      micro(row.added),
      micro(row.addedUser),
    ]),
  );
}

function connectionsTable({ connections }: TargetReport): string[] {
  return grid(
    ['connections', 'ratio', 'added CPU', 'added, access token as well'],
    connections.map((row) => [
      String(row.connections),
      row.ratio.toFixed(2),
      micro(row.added),
      micro(row.addedWithToken),
    ]),
  );
}

function heldTable({ held }: TargetReport): string[] {
  const kilobytes = (value: number) => `${value.toFixed(1)} KB`;
  return grid(
    ['requests held open', 'memory of each, no gate', 'memory of each', 'CPU to make, no gate', 'CPU to make'],
    held.map(({ open, plain, gate }) => [
      open.toLocaleString('en'),
      kilobytes(plain.memory),
      kilobytes(gate.memory),
      micro(plain.cpu),
      micro(gate.cpu),
    ]),
  );
}

function forgedTable({ forged }: TargetReport): string[] {
  return grid(
    ['', 'worker CPU'],
    forged.map(({ name, cpu }) => [name, micro(cpu)]),
  );
}

function peerTable({ peer }: TargetReport): string[] {
  if (peer === undefined) return [];
  if (typeof peer === 'string') return [peer];
  return grid(
    [`${peer.name}, connections`, 'ratio to its own', 'CPU without', 'added CPU'],
    peer.rows.map((row) => [String(row.connections), row.ratio.toFixed(2), micro(row.base), micro(row.added)]),
  );
}

function sharedTable({ shared }: TargetReport): string[] {
  const rows = shared.rows.flatMap(({ others, costs }) =>
    costs.map(({ name, worker, store }) => [name, others.toLocaleString('en'), micro(worker), micro(store)]),
  );
  const head = [
    `${shared.store}, ${(shared.bytes / 1024).toFixed(1)} KB a session`,
    'other sessions',
    'worker CPU',
    'store CPU',
  ];
  return grid(head, rows);
}

function nodesTable({ shared }: TargetReport): string[] {
  const rows = shared.nodes.flatMap(({ freshness, at }) =>
    at.map(({ nodes, cpu }) => [`a copy is trusted for ${freshness} s`, String(nodes), micro(cpu)]),
  );
  return grid(['a request at several machines at a time', 'machines', 'worker CPU'], rows);
}

function figures({ logins, memory, capacity, waiting }: TargetReport): string[] {
  const { zoneMegabytes, sessions, bytes } = capacity;
  return grid(
    ['', 'measured'],
    [
      ['worker CPU of a whole sign-in', micro(logins.login)],
      ['worker CPU of a sign-in of somebody who has 256 sessions', micro(logins.crowded)],
      ['worker CPU of a renewal', micro(logins.renewal)],
      [`memory of each of ${waiting.people} callbacks, while the provider is slow`, `${waiting.memory.toFixed(0)} KB`],
      [`sessions in a zone of ${zoneMegabytes} MB`, `${sessions} (${Math.floor(sessions / zoneMegabytes)} in one MB)`],
      ['bytes of a session record, of its sealed tokens', `${bytes.session}, ${bytes.tokens}`],
      ['memory of the worker, fresh and after the load', `${megabytes(memory.fresh)}, ${megabytes(memory.used)}`],
    ],
  );
}

function growthTables({ sessions, tokenSizes }: TargetReport): string[] {
  const rows = (growth: Growth[], unit: string) =>
    growth.map(({ size, one, many }) => [`${size.toLocaleString('en')} ${unit}`, micro(one), micro(many)]);
  const all = [...rows(sessions, 'sessions'), ...rows(tokenSizes, 'bytes of tokens')];
  return all.length === 0 ? [] : grid(['added CPU with', 'one person', '1,000 people by turns'], all);
}

function grid(head: string[], rows: string[][]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) => `| ${row.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)];
}

const pad = (cell: string, width: number, column: number) => (column === 0 ? cell.padEnd(width) : cell.padStart(width));
const micro = (value: number) => `${value.toFixed(1)} µs`;
const time = (value: number) => (value < 1000 ? `${value.toFixed(0)} µs` : `${(value / 1000).toFixed(1)} ms`);
const megabytes = (kilobytes: number) => `${Math.round(kilobytes / 1024)} MB`;
