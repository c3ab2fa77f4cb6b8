import { describe, expect, it } from 'vitest';
import { checkTag, releaseNotes } from '../../../scripts/release/changelog';

describe('a tag', () => {
  const changelog =
    '# Changelog\n\n## 0.3.0 (unreleased)\n\n- Next.\n\n## 0.2.0 (2026-12-01)\n\n- More.\n- Less.\n\n## 0.1.0\n';

  it('must be the version, with a v', () => {
    expect(() => checkTag('v0.2.0', '0.2.0')).not.toThrow();
    for (const tag of ['0.2.0', 'v0.2.1', 'v0.2.0-rc.1', '']) {
      expect(() => checkTag(tag, '0.2.0')).toThrow("package.json's version is 0.2.0");
    }
  });

  it('must have its section in the changelog, with a date', () => {
    expect(releaseNotes(changelog, '0.2.0')).toBe('- More.\n- Less.\n');
    expect(() => releaseNotes(changelog, '0.3.0')).toThrow('unreleased');
    expect(() => releaseNotes(changelog, '0.1.0')).toThrow('says nothing');
    expect(() => releaseNotes(changelog, '0.4.0')).toThrow('no section');
    expect(() => releaseNotes(changelog, '0.2')).toThrow('no section');
  });
});
