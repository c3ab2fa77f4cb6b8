import { describe, expect, it } from 'vitest';
import { lacksKey } from '../../../scripts/nginx/apt-download';
import { atLeast, isNewEnough, targetsOf } from '../../../scripts/nginx/build';
import { installedBuilds, modulesFolder } from '../../../scripts/nginx/installed';
import { wantedTargets } from '../../support/global-setup';

describe('versions', () => {
  it.each([
    ['1.26.3', '1.26', true],
    ['1.26', '1.26.0', true],
    ['1.30.6', '1.26', true],
    ['1.9.15', '1.26', false],
    ['0.8.10', '0.8.9', true],
    ['0.8.9', '0.8.10', false],
  ])('%s is at least %s: %s', (version, oldest, expected) => {
    expect(atLeast(version, oldest)).toBe(expected);
  });
});

describe('a build of NGINX', () => {
  it.each([
    ['1.26.3', '0.8.9', ['njs'], ['A']],
    ['1.26.3', '0.8.9', ['njs', 'qjs'], ['A']],
    ['1.29.0', '0.9.4', ['njs', 'qjs'], []],
    ['1.30.6', '1.0.2', ['njs', 'qjs'], ['B', 'C']],
    ['1.30.6', '1.0.2', ['njs'], ['B']],
    ['1.22.1', '1.0.2', ['njs', 'qjs'], []],
    ['1.26.3', '0.8.8', ['njs'], []],
  ] as const)('nginx %s njs %s %j serves targets %j', (version, njsVersion, engines, expected) => {
    expect(targetsOf({ version, njsVersion, engines: [...engines] })).toEqual(expected);
  });

  it('is new enough between the targets as well', () => {
    expect(isNewEnough({ version: '1.29.0', njsVersion: '0.9.4' })).toBe(true);
  });

  it('has its modules where it was configured to have them', () => {
    expect(modulesFolder('--prefix=/usr/share/nginx --modules-path=/usr/lib/nginx/modules --with-x')).toBe(
      '/usr/lib/nginx/modules',
    );
    expect(modulesFolder('--prefix=/etc/nginx --with-x')).toBe('/etc/nginx/modules');
    expect(modulesFolder('')).toBe('/usr/local/nginx/modules');
  });

  it('named by NGINX_BINARY is not passed over when it is unusable', async () => {
    await expect(installedBuilds({ NGINX_BINARY: '/nowhere/nginx', PATH: '' })).rejects.toThrow(
      /^NGINX_BINARY=\/nowhere\/nginx cannot be used: .*ENOENT/,
    );
  });
});

describe('the signature of a suite', () => {
  it('may only be left unverified when its key is not known', () => {
    expect(lacksKey("signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0")).toBe(
      true,
    );
    expect(lacksKey('Missing key 4CB5, which is needed to verify signature.')).toBe(true);
    expect(lacksKey('The following signatures were invalid: BADSIG 6ED0')).toBe(false);
    expect(lacksKey('NO_PUBKEY 6ED0 and also: EXPKEYSIG 0E98')).toBe(false);
    expect(lacksKey('Could not resolve the mirror')).toBe(false);
  });
});

describe('OIDC_TEST_TARGETS', () => {
  it('restricts the targets and names what it does not know', () => {
    expect(wantedTargets()).toEqual(['A', 'B', 'C']);
    expect(wantedTargets('C, A')).toEqual(['A', 'C']);
    expect(() => wantedTargets('A,D')).toThrow(/D is none of A, B, C/);
  });
});
