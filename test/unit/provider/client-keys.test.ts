import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clientKeys } from '../../../src/provider/client-keys';

describe("the client's keys", () => {
  const folder = mkdtempSync(join(tmpdir(), 'client-keys-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (name: string, kid: string) => {
    const path = join(folder, name);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(path, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }));
    return path;
  };
  const kids = (...paths: string[]) => clientKeys('oidc_client_keyfile', paths).map(({ kid }) => kid);

  it('come in the order of the files', () => {
    const [a, b] = [fileOf('a', 'first'), fileOf('b', 'second')];
    expect(kids(b, a)).toEqual(['second', 'first']);
  });

  it('are the same objects as long as the file is the same, and new ones at once when it changes', () => {
    const path = fileOf('c', 'old');
    const [before] = clientKeys('oidc_client_keyfile', [path]);
    expect(clientKeys('oidc_client_keyfile', [path])[0]).toBe(before);
    fileOf('c', 'new');
    expect(kids(path)).toEqual(['new']);
  });

  it('are asked for by name of setting and file where they cannot be read', () => {
    const missing = join(folder, 'missing');
    expect(() => kids(missing)).toThrow(
      /^config_invalid: \$oidc_client_keyfile \S+missing: .*ENOENT.*must be able to read it$/,
    );
    const broken = join(folder, 'broken');
    writeFileSync(broken, '{');
    expect(() => kids(broken)).toThrow(/^config_invalid: \$oidc_client_keyfile \S+broken: is not JSON$/);
  });
});
