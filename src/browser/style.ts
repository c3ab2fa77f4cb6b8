const usual = '#0a5fb4';

const sheet =
  ':root{color-scheme:light dark;--back:#f3f5f8;--card:#fff;--text:#1b1f24;--soft:#565e68;--line:#c9cfd7}' +
  '@media(prefers-color-scheme:dark){:root{--back:#14171a;--card:#1e2226;--text:#e9ecef;--soft:#a9b1ba;--line:#444b53}}' +
  '*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem 1rem;' +
  'font:1rem/1.55 system-ui,sans-serif;background:var(--back);color:var(--text)}' +
  '.card{width:100%;max-width:29rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--own);' +
  'border-radius:12px;padding:2rem;box-shadow:0 8px 30px #0000000f;overflow-wrap:anywhere}' +
  'header{margin-bottom:1.5rem;color:var(--soft);font-weight:600}header img{display:block;max-width:100%;max-height:3rem}' +
  'h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem;text-wrap:balance}p{margin:.75rem 0}' +
  '.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}' +
  'a,button{font:inherit;color:inherit}.actions a,button,li a{display:inline-flex;align-items:center;min-height:2.75rem;' +
  'padding:.5rem 1.25rem;border:1px solid var(--line);border-radius:8px;background:none;text-decoration:none;cursor:pointer}' +
  '.actions>a:first-child,.actions>button:first-child,.actions>:first-child button,form>button{' +
  'background:var(--own);color:var(--on-own)}' +
  '.actions>form:not(:first-child) button{background:none;color:inherit}' +
  '.actions a:hover,button:hover,li a:hover{text-decoration:underline}' +
  ':focus-visible{outline:3px solid var(--text);outline-offset:3px}' +
  'small{display:block;margin-top:1.25rem;font-size:.875rem;color:var(--soft)}small+small{margin-top:.25rem}' +
  'footer{margin-top:1.5rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem;color:var(--soft)}' +
  'ul{list-style:none;margin:1rem 0 0;padding:0}li a{display:flex;gap:.75rem;margin-top:.75rem}' +
  'li img{width:1.5rem;height:1.5rem;object-fit:contain;background:#fff;border-radius:4px;padding:2px}' +
  'main>form{margin-top:1.5rem}label{display:block;font-weight:600}main>form>button{margin-top:1rem}' +
  'input{font:inherit;width:100%;min-height:2.75rem;padding:.5rem .75rem;margin-top:.25rem;border:1px solid var(--soft);' +
  'border-radius:8px;background:none;color:inherit}' +
  '@media(max-width:30rem){body{place-items:start stretch;padding:0}.card{border-width:4px 0 0;border-radius:0;' +
  'min-height:100vh;box-shadow:none;padding:1.5rem}.actions>*,.actions button{width:100%;justify-content:center;text-align:center}}';

/**
 * The styles of every page.
 * @param color `$oidc_page_color`, '' for the usual one
 */
export function styleOf(color: string): string {
  const own = color || usual;
  return `:root{--own:${own};--on-own:${colorOn(own)}}${sheet}`;
}

/**
 * Black or white, whichever can be read better on a colour: never less than 4.58 to 1, where WCAG 2.2 wants 4.5 (success
 * criterion 1.4.3).
 * @param color #rgb or #rrggbb
 */
export function colorOn(color: string): string {
  const digits = color.length === 4 ? color.replace(/[0-9a-f]/gi, '$&$&') : color;
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(digits.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * (red as number) + 0.7152 * (green as number) + 0.0722 * (blue as number);
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? '#fff' : '#000';
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
