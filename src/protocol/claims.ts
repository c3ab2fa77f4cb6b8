const most = 4096;

/** A claim as the text of a header; undefined for what has no plain text, such as an object. */
export function claimText(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const texts = value.map(scalarText);
    return texts.every((text) => text !== undefined) ? clean(texts.join(',')) : undefined;
  }
  const text = scalarText(value);
  return text === undefined ? undefined : clean(text);
}

function scalarText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Control characters would end a header line and begin another. */
function clean(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, '').slice(0, most);
}

/** The part of a variable's name that stands for a claim: 'cognito:groups' gives 'cognito_groups'. */
export function claimVariableName(claim: string): string {
  return claim.toLowerCase().replace(/[^a-z0-9_]/g, '_');
}
