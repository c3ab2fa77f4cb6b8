/** JavaScript of the demo application's page, which works without it: a countdown and the call of /api/whoami. */
export const applicationScript = `
const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
function span(seconds) {
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  return units.slice(first, first + 2).map(([size, name], index) =>
    Math.floor(index ? (seconds % units[first][0]) / size : seconds / size) + ' ' + name).join(' ');
}
function tick() {
  for (const clock of document.querySelectorAll('.clock[data-at]')) {
    const at = Number(clock.dataset.at);
    const left = Math.round(at - Date.now() / 1000);
    clock.querySelector('time').textContent = left > 0 ? 'in ' + span(left) : clock.dataset.past;
    const key = 'seen ' + clock.dataset.kind + ' ' + at;
    const seen = Number(sessionStorage.getItem(key)) || Date.now() / 1000;
    sessionStorage.setItem(key, seen);
    const bar = clock.querySelector('progress');
    bar.hidden = false;
    bar.value = at > seen ? Math.max(0, left / (at - seen)) : 0;
  }
}
tick();
setInterval(tick, 1000);

const button = document.getElementById('whoami');
button?.addEventListener('click', async () => {
  const output = document.getElementById('whoami-answer');
  output.hidden = false;
  output.textContent = 'Asking…';
  try {
    const response = await fetch('/api/whoami', { headers: { accept: 'application/json' } });
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    output.textContent = response.status + ' ' + response.statusText + '\\n' + shown;
  } catch (error) {
    output.textContent = 'The request failed: ' + error.message;
  }
});
`;
