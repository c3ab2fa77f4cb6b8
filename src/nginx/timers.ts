/** Resolves after that time. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** What the promise brings, or undefined when `milliseconds` are over first. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      timer = undefined;
      resolve(undefined);
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    // Clearing a timer that has fired crashes the worker on njs 1.0.2 with QuickJS.
    if (timer !== undefined) {
      clearTimeout(timer);
    }
  }
}
