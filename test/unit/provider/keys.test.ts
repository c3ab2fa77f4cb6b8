import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keysFromFile } from '../../../src/provider/keys';

describe('keys from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (...keys: object[]) => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, JSON.stringify({ keys }));
    return path;
  };
  const secret = (bytes: number, kid?: string) => ({
    kty: 'oct',
    k: Buffer.alloc(bytes, 'k').toString('base64url'),
    ...(kid ? { kid } : {}),
  });

  it('may be a secret of 16 bytes or more', () => {
    expect(keysFromFile(fileOf(secret(16)))).toHaveLength(1);
  });

  it('that are too short are named, where no other is there', () => {
    expect(() => keysFromFile(fileOf(secret(15, 'short')))).toThrow(
      /^jwks_invalid: \$oidc_jwt_keyfile \S+: too short a key: oct "short"; a secret has 16 bytes or more/,
    );
    expect(keysFromFile(fileOf(secret(15), secret(16, 'long')))).toEqual([secret(16, 'long')]);
  });

  it('may be none, where the client secret is the key', () => {
    expect(keysFromFile(fileOf())).toEqual([]);
  });
});
