import type { Report } from './report';

const width = 720;
const barHeight = 16;
const left = 240;
const colors: Record<string, string> = { A: '#7c8da6', B: '#3d6fb6', C: '#1f9d72' };

/** Bars of the CPU that each kind of request adds, by target; redirects have a scale that the rest fits beside. */
export function plot(report: Report): string {
  const names = report.targets[0]?.gate.slice(1).map(({ name }) => name) ?? [];
  const groupHeight = report.targets.length * barHeight + 14;
  const height = 56 + names.length * groupHeight + 24;
  const most = Math.max(...report.targets.flatMap(({ gate }) => gate.map(({ added }) => added)), 1);
  const scale = (width - left - 70) / Math.sqrt(most);
  const parts = names.flatMap((name, index) => {
    const top = 56 + index * groupHeight;
    const label = `<text x="${left - 10}" y="${top + groupHeight / 2}" text-anchor="end">${markup(name)}</text>`;
    const bars = report.targets.map(({ target, gate }, row) => {
      const value = Math.max(0, gate[index + 1]?.added ?? 0);
      const y = top + row * barHeight;
      const length = Math.sqrt(value) * scale;
      return `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight - 3}" fill="${colors[target]}"/>
<text x="${(left + length + 6).toFixed(1)}" y="${y + 11}">${value.toFixed(1)}</text>`;
    });
    return [label, ...bars];
  });
  const legend = report.targets.map(
    ({ target, nginx }, i) =>
      `<rect x="${12 + i * 235}" y="${height - 18}" width="10" height="10" fill="${colors[target]}"/>
<text x="${28 + i * 235}" y="${height - 9}">${markup(nginx)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#222">
<title>Worker CPU added per request</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="12" y="22" font-size="15" font-weight="600">Worker CPU added per request, µs (lower is better)</text>
<text x="12" y="40" fill="#666">over the same request without authentication; lengths by square root; ${report.date}</text>
${[...parts, ...legend].join('\n')}
</svg>
`;
}

const markup = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('`', '');
