import { isJsonObject, type JsonObject } from './json';

const owns = (object: JsonObject, name: string) => Object.prototype.hasOwnProperty.call(object, name);

/**
 * The claim that a path names: a claim of exactly that name (`cognito:groups`, `https://example.com/roles`), else members
 * of objects, one after the other (`realm_access.roles`). Where a name has full stops itself, the longest one counts.
 * @returns undefined where there is none, or it is null
 */
export function claimAt(claims: JsonObject, path: string): unknown {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length--) {
    const name = parts.slice(0, length).join('.');
    const value = owns(claims, name) ? claims[name] : undefined;
    const rest = parts.slice(length).join('.');
    const found =
      rest === '' && length === parts.length ? value : isJsonObject(value) ? claimAt(value, rest) : undefined;
    if (found !== undefined && found !== null) {
      return found;
    }
  }
  return undefined;
}
