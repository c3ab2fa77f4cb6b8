import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromiumPath, launchChromium } from '../../test/support/chromium';

/** What a panel shows: a line for each series, seconds since 1970 to value. */
export interface DrawnPanel {
  title: string;
  unit: string;
  series: { name: string; points: [time: number, value: number][] }[];
}

const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));

/** A picture of the panels (PNG), three in a row, by uPlot in Chromium. Throws an Error where there is no Chromium. */
export async function drawPanels(title: string, panels: DrawnPanel[]): Promise<Buffer> {
  const path = chromiumPath();
  if (!path) throw new Error('no Chromium here: set CHROMIUM to its path');
  const browser = await launchChromium(path);
  try {
    const page = await browser.newPage({ viewport: { width: 1380, height: 400 } });
    await page.setContent(documentOf(title, panels));
    await page.waitForFunction('document.querySelectorAll("canvas, .none").length === panels.length');
    return await page.screenshot({ fullPage: true });
  } finally {
    await browser.close();
  }
}

function documentOf(title: string, panels: DrawnPanel[]): string {
  const file = (name: string) => readFileSync(join(uplot, name), 'utf8');
  return `<!doctype html><meta charset="utf-8"><title>${title}</title>
<style>${file('uPlot.min.css')}
body{margin:16px;background:#f4f5f5;font:13px system-ui,sans-serif;color:#24292e}
h1{font-size:18px;margin:0 0 12px}main{display:grid;grid-template-columns:repeat(3,1fr);gap:10px}
section{background:#fff;border:1px solid #dfe1e4;border-radius:3px;padding:8px;min-height:250px}
h2{font-size:13px;margin:0 0 4px}.none{color:#888;padding:90px 0;text-align:center}
.names{font-size:11px;line-height:1.5}.names span{margin-right:12px;white-space:nowrap}.names i{display:inline-block;width:12px;height:3px;margin-right:4px;vertical-align:middle}
</style><h1>${title}</h1><main></main><script>${file('uPlot.iife.min.js')}</script>
<script>
const panels = ${JSON.stringify(panels).replace(/</g, '\\u003c')};
const colours = ['#3274d9','#e02f44','#56a64b','#f2cc0c','#8f3bb8','#ff780a','#1aa7a0','#b0447c','#7a7a2c','#555'];
const shown = { s: (v) => v < 1 ? Math.round(v * 1000) + ' ms' : v.toFixed(1) + ' s', percentunit: (v) => Math.round(v * 100) + ' %' };
for (const { title, unit, series } of panels) {
  const box = document.createElement('section');
  const head = document.createElement('h2');
  head.textContent = title;
  box.append(head);
  document.querySelector('main').append(box);
  if (series.length === 0) {
    const none = document.createElement('div');
    none.className = 'none';
    none.textContent = 'No data: this site has none of it';
    box.append(none);
    continue;
  }
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b);
  const columns = series.map(({ points }) => { const at = new Map(points); return times.map((time) => at.get(time) ?? null); });
  const format = shown[unit] || ((v) => String(Math.round(v * 100) / 100));
  new uPlot({
    width: 425, height: 190, legend: { show: false }, cursor: { show: false },
    scales: { y: { range: (_, low, high) => unit === 'percentunit' ? [0, 1] : [0, high > 0 ? high * 1.1 : 1] } },
    axes: [{}, { size: 56, values: (_, all) => all.map(format) }],
    series: [{}, ...series.map(({ name }, at) => ({ label: name, width: 1.5, spanGaps: true, points: { show: false }, stroke: colours[at % 10], fill: series.length < 4 ? colours[at % 10] + '14' : undefined }))],
  }, [times, ...columns], box);
  const names = document.createElement('div');
  names.className = 'names';
  series.forEach(({ name }, at) => {
    const one = document.createElement('span');
    const mark = document.createElement('i');
    mark.style.background = colours[at % 10];
    one.append(mark, name);
    names.append(one);
  });
  box.append(names);
}
</script>`;
}
