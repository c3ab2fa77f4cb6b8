/** What a header may carry of a claim. */
export interface ClaimLimits {
  /** Of the whole value, UTF-8 bytes. */
  readonly mostBytes: number;
  /** One character, between the entries of a list. */
  readonly separator: string;
}

/** What stands for each byte that was none of UTF-8: two names could look alike. */
const undecodable = '\ufffd';

/** A claim as a header carries it; or why it cannot, after "the claim ...", and what to do. */
export type ClaimHeader = { readonly text: string } | { readonly problem: string; readonly remedy: string };

/**
 * A claim as the value of a header: whole, or not at all. A part of it could be the name of another group or person.
 * @returns undefined for null, which is no value
 */
export function claimHeader(value: unknown, { mostBytes, separator }: ClaimLimits): ClaimHeader | undefined {
  if (value === null || value === undefined) {
    return undefined;
  }
  const text = claimText(value, separator);
  if (text === undefined) {
    return { problem: 'is an object', remedy: 'have the provider send a text or a list of texts' };
  }
  if (Array.isArray(value) && value.some((entry) => String(entry).indexOf(separator) >= 0)) {
    const problem = `has an entry with "${separator}" in it, which would pass for two`;
    return { problem, remedy: 'set $oidc_list_separator to a character that no entry has' };
  }
  if (/[\x00-\x1f\x7f]/.test(text)) {
    // They would end a header line and begin another; left out, one name could turn into another.
    return { problem: 'has control characters', remedy: 'have the provider send it without' };
  }
  if (text.indexOf(undecodable) >= 0) {
    return { problem: 'has characters that are not UTF-8', remedy: 'have the provider send UTF-8' };
  }
  if ((Array.isArray(value) ? value : [value]).some(isRounded)) {
    return { problem: 'is a number of more than 15 digits', remedy: 'have the provider send it as a text' };
  }
  const bytes = utf8Length(text);
  return bytes > mostBytes
    ? {
        problem: `takes ${bytes} bytes, more than $oidc_claim_max_length (${mostBytes})`,
        remedy: 'ask the provider for less of it, or raise that limit and those of the application',
      }
    : { text };
}

/** Engines are slow to count what needs no counting. */
function utf8Length(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : Buffer.byteLength(text);
}

/** A claim as text, without blanks at its ends, as in a header; undefined for an object, or a list with one in it. */
export function claimText(value: unknown, separator = ','): string | undefined {
  const texts = (Array.isArray(value) ? value : [value]).map(scalarText);
  return texts.every((text) => text !== undefined) ? trimmed(texts.join(separator)) : undefined;
}

function trimmed(text: string): string {
  return /^[ \t]|[ \t]$/.test(text) ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text;
}

function scalarText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** JavaScript keeps integers exactly up to 2^53: a longer one is another one by now. */
function isRounded(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) > 9007199254740991;
}

/** The part of a variable's name that stands for a claim: 'cognito:groups' gives 'cognito_groups'. */
export function claimVariableName(claim: string): string {
  return /^[a-z0-9_]*$/.test(claim) ? claim : claim.toLowerCase().replace(/[^a-z0-9_]/g, '_');
}
