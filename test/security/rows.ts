const numbered = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);

/** The known attacks and defects that this folder's tests are named after: U of one implementation, A of others. */
export const attackRows = [...numbered('U', 28), ...numbered('A', 43)];

/** The rows that a test's name begins with: 'U8 A27 cookies are ...' gives U8 and A27. */
export function rowsOf(name: string): string[] {
  return (
    name
      .match(/^(?:[UA]\d+ )+/)?.[0]
      .trim()
      .split(' ') ?? []
  );
}
