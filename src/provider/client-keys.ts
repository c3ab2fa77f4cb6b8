import { readText, workerUser } from '../nginx/local-file';
import { oidcError } from '../protocol/errors';
import { type PrivateKey, parsePrivateKeys } from '../protocol/private-key';

/** Files that were read of late, where the engine keeps a module between requests; only the parsing is saved. */
const recent: { text: string; keys: PrivateKey[] }[] = [];
const mostRecent = 8;

/**
 * This client's private keys in the files that a setting names, in their order. A file that changed counts at once. The
 * keys stay the same objects, so that what is imported from them can be kept.
 * @param setting its name, for messages
 * @param paths absolute
 * @throws config_invalid, naming the file and what to do
 */
export function clientKeys(setting: string, paths: string[]): PrivateKey[] {
  return paths.reduce((all: PrivateKey[], path) => all.concat(keysIn(setting, path)), []);
}

function keysIn(setting: string, path: string): PrivateKey[] {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    const { message } = error as Error;
    throw oidcError('config_invalid', `$${setting} ${path}: ${message}; ${workerUser()} must be able to read it`);
  }
  const known = recent.filter((one) => one.text === text)[0];
  if (known) {
    return known.keys;
  }
  try {
    const keys = parsePrivateKeys(text);
    recent.unshift({ text, keys });
    recent.length = Math.min(recent.length, mostRecent);
    return keys;
  } catch (error) {
    throw oidcError('config_invalid', `$${setting} ${path}: ${(error as Error).message}`);
  }
}
