import { readFileSync } from 'node:fs';
import { root } from './project';

/** A package as package-lock.json pins it. */
export interface Locked {
  name: string;
  version: string;
  licence: string;
  /** SHA-512 of its archive, hexadecimal */
  sha512: string;
}

/** The installed package of that name. Throws an Error when package-lock.json does not pin it with a hash. */
export function lockedPackage(name: string): Locked {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
    packages: Record<string, { version: string; integrity?: string; license?: string }>;
  };
  const found = packages[`node_modules/${name}`];
  const hash = /^sha512-(\S+)$/.exec(found?.integrity ?? '')?.[1];
  if (!found || !hash) throw new Error(`package-lock.json does not pin ${name} by SHA-512`);
  const { version, license = 'NOASSERTION' } = found;
  return { name, version, licence: license, sha512: Buffer.from(hash, 'base64').toString('hex') };
}
