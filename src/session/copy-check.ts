import { touchShare } from './record';

// A copy whose time of trust is over is mostly still right. What that needs is done on its text, because it is done once
// in `$oidc_store_freshness` for each session, or with each request: see `encodeRecord`.

/** Fields of the second line. */
const [endsAt, idleTimeout, usedAt, renewAt, wants, version, checkedAt, freshUntil, keptUntil] = [
  0, 1, 2, 3, 7, 8, 9, 10, 11,
] as const;
const fieldsOfCopy = 12;

/**
 * The version of a copy, where nothing else is to be done than to ask whether it is still right; undefined where it is no
 * copy, its use is to be noted, its tokens are to be renewed, or it is to be made anew.
 * @param now seconds since 1970
 * @param keep seconds that a copy is kept without use
 */
export function onlyToCheck(text: string, now: number, keep: number): number | undefined {
  const fields = fieldsOf(text);
  const at = (field: number) => Number(fields[field]);
  if (fields.length !== fieldsOfCopy || /[sdr]/.test(fields[wants] as string)) {
    return undefined;
  }
  const isQuiet =
    now < at(endsAt) &&
    now - at(usedAt) < at(idleTimeout) / touchShare &&
    (at(renewAt) === 0 || now < at(renewAt)) &&
    now + keep < at(keptUntil);
  return isQuiet ? at(version) : undefined;
}

/** Seconds since the store was asked about it and somebody noted that. */
export function sinceNoted(text: string, now: number): number {
  return now - Number(fieldsOf(text)[checkedAt]);
}

/** The same copy, trusted again. */
export function trustedAgain(text: string, now: number, freshness: number): string {
  const lines = text.split('\n');
  const fields = (lines[1] as string).split(' ');
  const at = (field: number) => Number(fields[field]);
  const untouched = at(usedAt) + Math.ceil(at(idleTimeout) / touchShare);
  const until = Math.min(at(endsAt), untouched, at(renewAt) || at(endsAt), now + freshness);
  const first = lines[0] as string;
  const rest = first.indexOf(' ');
  lines[0] = until + (rest < 0 ? '' : first.slice(rest));
  fields[checkedAt] = String(now);
  fields[freshUntil] = String(now + freshness);
  lines[1] = fields.join(' ');
  return lines.join('\n');
}

function fieldsOf(text: string): string[] {
  const begin = text.indexOf('\n') + 1;
  const end = text.indexOf('\n', begin);
  return text.slice(begin, end < 0 ? text.length : end).split(' ');
}
