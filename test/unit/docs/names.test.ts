import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pageSettings } from '../../../src/config/page-settings';
import { settings } from '../../../src/config/settings';
import { errorTable } from '../../../src/protocol/errors';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const templates = ['nginx/frontend.conf', 'nginx/openid_connect.server_conf'].map(read).join('\n');
const plus = read('src/plus/variables.ts');
const pages = [
  'docs/troubleshooting.md',
  'docs/migrating.md',
  'docs/apis.md',
  'docs/recipes.md',
  'docs/pages.md',
  'docs/faq.md',
  'docs/how-it-works.md',
  'docs/audit-log.md',
  'docs/monitoring/README.md',
  ...readdirSync(new URL('docs/providers/', root)).map((n) => `docs/providers/${n}`),
];

describe('the guides', () => {
  it.each(pages)('%s names only settings and variables that exist', (page) => {
    const names = [...read(page).matchAll(/\$(oidc_[a-z0-9_]+)/g)].map(([, name = '']) => name);
    const isKnown = (name: string) =>
      name.replace(/^oidc_/, '') in { ...settings, ...pageSettings } ||
      name.startsWith('oidc_claim_') ||
      plus.includes(`  ${name}?:`) ||
      templates.includes(`js_var $${name};`) ||
      templates.includes(`auth_request_set $${name} `);
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  });

  it('docs/troubleshooting.md has a row for every error code, with its status', () => {
    const rows = [...read('docs/troubleshooting.md').matchAll(/^\| `([a-z_]+)` \| (\d{3}) \|/gm)];
    const documented = Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]));
    const actual = Object.fromEntries(Object.entries(errorTable).map(([code, { status }]) => [code, status]));
    expect(documented).toEqual(actual);
  });
});
