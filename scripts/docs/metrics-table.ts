import { counters, gauges, histogram } from '../../src/nginx/metric-table';

/** What /_oidc_metrics shows. */
export function metricsTable(): string {
  const rows = [
    ...Object.entries<{ help: string; labels: readonly (readonly [string, readonly string[]])[] }>(counters).map(
      ([name, { help, labels }]) => row(name, 'counter', labels.map(labelText).join('; '), help),
    ),
    row(histogram.name, 'histogram', labelText([histogram.label, histogram.values]), histogram.help),
    ...Object.entries(gauges).map(([name, help]) => row(name, 'gauge', name.includes('zone_') ? '`zone`' : '', help)),
  ];
  return ['| Metric | Type | Labels | What |', '|---|---|---|---|', ...rows].join('\n');
}

const row = (name: string, type: string, labels: string, help: string) =>
  `| \`${name}\` | ${type} | ${labels} | ${help} |`;

function labelText([name, values]: readonly [string, readonly string[]]): string {
  return values.length > 10
    ? `\`${name}\`: ${values.includes('ok') ? '`ok`, ' : ''}[error codes](../troubleshooting.md#error-codes)`
    : `\`${name}\`: ${values.map((value) => `\`${value}\``).join(', ')}`;
}
