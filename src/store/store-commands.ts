// What may be said to a shared store, and how src/store/redis.ts says it to the adapter (src/stream/): a question is the
// operation's name and its arguments, with tabs between them; an answer is a letter and the text. All of it is visible ASCII, so
// that a text's length is its length in bytes.

/** Between the parts of a question: no text has it, and a header line may. */
export const separator = '\t';

/** How many keys and other arguments follow an operation's name. The adapter puts the prefix in front of each key. */
export interface Shape {
  readonly keys: number;
  readonly rest: number;
  /** More keys may follow, at the end. */
  readonly many?: true;
}

/** Every operation that the adapter knows: nothing else reaches the store. */
export const shapes = {
  read: { keys: 1, rest: 0 },
  version: { keys: 1, rest: 0 },
  /** key, expected version, text, milliseconds */
  write: { keys: 1, rest: 3 },
  /** key, lock, expected version, text, milliseconds, owner */
  writeLocked: { keys: 2, rest: 4 },
  /** key, milliseconds */
  prolong: { keys: 1, rest: 1 },
  /** feed, milliseconds, then the keys */
  end: { keys: 1, rest: 1, many: true },
  /** key, text, milliseconds */
  add: { keys: 1, rest: 2 },
  /** key, owner, attempt, milliseconds */
  lock: { keys: 1, rest: 3 },
  isLocked: { keys: 1, rest: 0 },
  /** key, owner */
  unlock: { keys: 1, rest: 1 },
  /** index, member, milliseconds, most */
  link: { keys: 1, rest: 3 },
  members: { keys: 1, rest: 0 },
  /** index, member */
  unlink: { keys: 1, rest: 1 },
  /** feed, id of the last entry known, number of entries up to it, most */
  changes: { keys: 1, rest: 3 },
  status: { keys: 0, rest: 0 },
} satisfies Record<string, Shape>;

export type Operation = keyof typeof shapes;

/** The feed of what was ended. Keys of values begin otherwise. */
export const feed = '#feed';
/** What stands where a value was ended. */
export const tombstone = '-';
/** Digits of a version: microseconds since 1970 when it was first written, and then at least one more each time. */
export const versionDigits = 16;
/** Bytes; a request or an answer that is longer is an error. */
export const largest = 4194304;

/** Whether the text can stand in a question: visible ASCII and spaces. */
export function isLine(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
