export type JsonObject = Record<string, unknown>;

/** The JSON object that a text holds; undefined for anything else. */
export function parseJsonObject(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isJsonObject(value) ? value : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member that is a string of at least one character; undefined otherwise. */
export function stringMember(object: JsonObject, name: string): string | undefined {
  const value = Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An own member that is a list of strings; undefined otherwise. */
export function stringsMember(object: JsonObject, name: string): string[] | undefined {
  const value = Object.prototype.hasOwnProperty.call(object, name) ? object[name] : undefined;
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined;
}
