/**
 * What CHANGELOG.md says of a version, without its heading. Throws an Error when there is no such section, when it is
 * empty, or when its heading still says "unreleased".
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
  if (!section) throw new Error(`CHANGELOG.md has no section "## ${version}"`);
  const [heading = '', ...lines] = section.split('\n');
  if (/unreleased/i.test(heading)) throw new Error(`CHANGELOG.md still calls ${version} unreleased: give it a date`);
  const notes = lines.join('\n').trim();
  if (!notes) throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${notes}\n`;
}

/** Throws an Error unless the tag is the version's: `v` and the version of package.json. */
export function checkTag(tag: string, version: string): void {
  if (tag !== `v${version}`)
    throw new Error(`the tag is ${tag}, but package.json's version is ${version}: v${version}`);
}
