import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One address that the machine's apt gets packages from. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
  /** absolute path of the keyring that signs it, when one is named */
  keyring?: string;
}

const keyrings = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
  '/etc/apt/keyrings/debian-archive-keyring.gpg',
];
const debianSuites = /^(buster|bullseye|bookworm|trixie|forky|duke|sid|oldstable|stable|testing|unstable)$/;

/** Reads one-line sources, `deb [signed-by=/path] URI suite component...`; sources.list(5). */
export function parseOneLineSources(text: string): AptSource[] {
  const found: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match) continue;
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    found.push(source(uri, [suite], words(components), signedBy));
  }
  return found;
}

/** Reads deb822 stanzas (`Types:`, `URIs:`, `Suites:` ...), one source for each URI; sources.list(5). */
export function parseDeb822Sources(text: string): AptSource[] {
  const found: AptSource[] = [];
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  for (const stanza of lines.join('\n').split(/\n\s*\n/)) {
    const field = (name: string) =>
      new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t]+.*)*)`, 'im').exec(stanza)?.[1]?.trim() ?? '';
    if (!words(field('Types')).includes('deb') || /^(no|false|0)$/i.test(field('Enabled'))) continue;
    for (const uri of words(field('URIs'))) {
      found.push(source(uri, words(field('Suites')), words(field('Components')), words(field('Signed-By'))[0]));
    }
  }
  return found;
}

/** The first source that carries Debian itself: component main of one of Debian's own suites. */
export function chooseDebianSource(sources: AptSource[]): AptSource | undefined {
  return sources.find((one) => one.components.includes('main') && one.suites.some((suite) => debianSuites.test(suite)));
}

/** Debian's mirror as this machine's apt knows it, with a keyring where there is one; undefined elsewhere than on Debian. */
export function machineDebianSource(etcApt = '/etc/apt'): AptSource | undefined {
  const parts = join(etcApt, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).sort() : [];
  const files = [join(etcApt, 'sources.list'), ...names.map((name) => join(parts, name))];
  const sources = files.filter(existsSync).flatMap((file) => {
    if (file.endsWith('.list')) return parseOneLineSources(readFileSync(file, 'utf8'));
    return file.endsWith('.sources') ? parseDeb822Sources(readFileSync(file, 'utf8')) : [];
  });
  const chosen = chooseDebianSource(sources);
  const keyring = [chosen?.keyring, ...keyrings].find((path) => path !== undefined && existsSync(path));
  return (
    chosen && { uri: chosen.uri, suites: chosen.suites, components: chosen.components, ...(keyring && { keyring }) }
  );
}

function source(uri: string, suites: string[], components: string[], signedBy?: string): AptSource {
  const keyring = signedBy?.split(',')[0];
  return { uri, suites, components, ...(keyring?.startsWith('/') && { keyring }) };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
