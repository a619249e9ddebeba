/** Causes are the errors that led to an error; a longer chain than ten is a loop or of no interest. */

const depth = 10;

/** Whether the error itself, or one of those that led to it, passes the test. */
export function hasCause(error: unknown, test: (error: unknown) => boolean): boolean {
  let current = error;
  for (let level = 0; level < depth; level++) {
    if (test(current)) return true;
    current = causeOf(current);
  }
  return false;
}

function causeOf(error: unknown): unknown {
  try {
    return (error as { readonly cause?: unknown } | null | undefined)?.cause;
  } catch {
    // What cannot be read is of no interest.
    return undefined;
  }
}
