/** Waits on conditions, and what came of a promise. */

/** Asks until the answer is yes, for 10 s at most. */
export async function until(question: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await question())) {
    if (performance.now() > end) throw new Error('waited 10 s in vain');
    await new Promise(setImmediate);
  }
}

/** The code of the error that a promise rejects with, or its message; `resolved` when it does not. */
export function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: Error & { readonly code?: string }) => error.code ?? error.message,
  );
}
