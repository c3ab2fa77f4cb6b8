/** The mark of an entry that is gone: unlike a deletion, it travels to the other nodes. */
export const gone = '-';

/** A keyval entry's value; undefined when it is missing, empty or marked as gone. */
export function entryOf(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === gone ? undefined : value;
}
