/** Compares two texts in a time that tells nothing of where they differ. */
export function constantTimeEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  let difference = left.length ^ right.length;
  for (let i = 0; i < left.length; i++) {
    difference |= (left[i] as number) ^ (right[i % (right.length || 1)] || 0);
  }
  return difference === 0;
}
