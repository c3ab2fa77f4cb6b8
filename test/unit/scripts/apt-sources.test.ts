import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chooseDebianSource,
  machineDebianSource,
  parseDeb822Sources,
  parseOneLineSources,
} from '../../../scripts/nginx/apt-sources';

const vendor = { uri: 'https://vendor.test/apt', suites: ['vendor-bookworm'], components: ['main'] };

describe('one-line apt sources', () => {
  it('are read with and without options, comments and source lines left out', () => {
    const text = [
      '# deb http://commented.test/debian bookworm main',
      'deb-src http://mirror.test/debian bookworm main',
      'deb http://mirror.test/debian bookworm main contrib # local',
      'deb [arch=amd64 signed-by=/keys/debian.gpg] http://other.test/debian trixie main',
    ].join('\n');
    expect(parseOneLineSources(text)).toEqual([
      { uri: 'http://mirror.test/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
      { uri: 'http://other.test/debian', suites: ['trixie'], components: ['main'], keyring: '/keys/debian.gpg' },
    ]);
  });
});

describe('deb822 apt sources', () => {
  it('are read stanza by stanza, one for each URI', () => {
    const text = `Types: deb deb-src
# a comment
URIs: http://one.test/debian http://two.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /keys/debian.gpg

Types: deb-src
URIs: http://source.test/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: bookworm
Components: main
`;
    const expected = { suites: ['bookworm', 'bookworm-updates'], components: ['main'], keyring: '/keys/debian.gpg' };
    expect(parseDeb822Sources(text)).toEqual([
      { uri: 'http://one.test/debian', ...expected },
      { uri: 'http://two.test/debian', ...expected },
    ]);
  });

  it('may hold the key itself instead of a path', () => {
    const text =
      'Types: deb\nURIs: http://one.test\nSuites: sid\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n';
    expect(parseDeb822Sources(text)).toEqual([{ uri: 'http://one.test', suites: ['sid'], components: ['main'] }]);
  });
});

describe("the machine's Debian mirror", () => {
  it('is the first source of a Debian suite with component main', () => {
    const security = { uri: 'http://mirror.test/security', suites: ['bookworm-security'], components: ['main'] };
    const contrib = { uri: 'http://mirror.test/contrib', suites: ['bookworm'], components: ['contrib'] };
    const debian = { uri: 'http://mirror.test/debian', suites: ['bookworm'], components: ['main'] };
    expect(chooseDebianSource([vendor, security, contrib, debian])).toEqual(debian);
    expect(chooseDebianSource([vendor])).toBeUndefined();
  });

  it('is found in sources.list and in both kinds of part files', () => {
    const dir = mkdtempSync(join(tmpdir(), 'apt-'));
    try {
      expect(machineDebianSource(dir)).toBeUndefined();
      mkdirSync(join(dir, 'sources.list.d'));
      writeFileSync(join(dir, 'sources.list.d/old.list.save'), 'deb http://saved.test/debian bookworm main\n');
      writeFileSync(join(dir, 'sources.list.d/vendor.list'), `deb ${vendor.uri} ${vendor.suites[0]} main\n`);
      const stanza = 'Types: deb\nURIs: http://parts.test/debian\nSuites: trixie\nComponents: main\n';
      writeFileSync(join(dir, 'sources.list.d/zz.sources'), stanza);
      expect(machineDebianSource(dir)?.uri).toBe('http://parts.test/debian');
      writeFileSync(join(dir, 'sources.list'), 'deb http://list.test/debian bookworm main\n');
      expect(machineDebianSource(dir)?.uri).toBe('http://list.test/debian');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
