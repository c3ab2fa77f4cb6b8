import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findPlus, plusRelease } from '../../../scripts/nginx/plus';
import { wantedTargets } from '../../support/global-setup';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A program that says this for -V, in a folder of its own, and fails at anything else. */
function nginxThatSays(described: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-plus-'));
  folders.push(folder);
  const binary = join(folder, 'nginx');
  writeFileSync(binary, `#!/bin/sh\n[ "$1" = -V ] || { echo "no licence" >&2; exit 1; }\necho '${described}' >&2\n`);
  chmodSync(binary, 0o755);
  return binary;
}

describe('NGINX Plus', () => {
  it.each([
    ['nginx version: nginx/1.27.4 (nginx-plus-r34)', 'r34'],
    ['nginx version: nginx/1.27.2 (nginx-plus-r33-p2)\nbuilt by gcc', 'r33-p2'],
    ['nginx version: nginx/1.30.6', undefined],
    ['nginx version: nginx/1.26.3 (Debian)\nconfigure arguments: --build=nginx-plus-r34', undefined],
    ['', undefined],
  ])('is told by what it says of itself: %j', (described, release) => {
    expect(plusRelease(described)).toBe(release);
  });

  it.each([
    ['nginx version: nginx/1.30.6', {}, /it is no NGINX Plus but nginx version: nginx\/1\.30\.6; .*NGINX_BINARY$/],
    ['nginx version: nginx/1.27.4 (nginx-plus-r34)', {}, /there is no .*ngx_http_js_module\.so: .*NGINX_PLUS_MODULES/],
    ['nginx version: nginx/1.27.4 (nginx-plus-r34)', { NGINX_PLUS_MODULES: '/nowhere' }, /no \/nowhere\/ngx_http_js_/],
  ])('that cannot be used is refused with the reason: %s %j', async (described, more, reason) => {
    const binary = nginxThatSays(described);
    const refusal = findPlus({ NGINX_PLUS_BINARY: binary, ...more });
    await expect(refusal).rejects.toThrow(`NGINX_PLUS_BINARY=${binary} cannot be used`);
    await expect(refusal).rejects.toThrow(reason);
  });

  it('that does not start is refused with what it said, and a word on the licence', async () => {
    const binary = nginxThatSays('nginx version: nginx/1.27.4 (nginx-plus-r34)');
    const modules = join(binary, '..');
    writeFileSync(join(modules, 'ngx_http_js_module.so'), '');
    const env = { NGINX_PLUS_BINARY: binary, NGINX_PLUS_MODULES: modules };
    await expect(findPlus(env)).rejects.toThrow(/it does not start: no licence\n.*NGINX_PLUS_LICENSE/);
    await expect(findPlus({ ...env, NGINX_PLUS_LICENSE: '/nowhere.jwt' })).rejects.toThrow(
      'there is no NGINX_PLUS_LICENSE=/nowhere.jwt',
    );
  });

  it('is a target only where it is named', () => {
    const named = { NGINX_PLUS_BINARY: '/usr/sbin/nginx' };
    expect(wantedTargets('', {})).toEqual(['A', 'B', 'C']);
    expect(wantedTargets('', named)).toEqual(['A', 'B', 'C', 'P']);
    expect(wantedTargets('P', named)).toEqual(['P']);
    expect(() => wantedTargets('P', {})).toThrow(/set NGINX_PLUS_BINARY/);
  });
});
