/** A traced rejection: an error that came by callback, with the stack of whoever waits for it, as `pg` has it where it makes promises. */

const turn = Promise.resolve();

/**
 * Rejects with `error`. To be resolved with, in place of rejecting: only when somebody waits for this promise is it known
 * where the error is going.
 */
export async function traced(error: unknown): Promise<never> {
  // One turn until the other promise follows this one, one more until it does so here.
  await turn;
  await turn;
  if (hasStack(error)) Error.captureStackTrace(error, traced);
  throw error;
}

/** By its shape: an error may come from another realm (jest, vm). */
function hasStack(error: unknown): error is object {
  return (
    typeof error === 'object' && error !== null && 'stack' in error && Object.isExtensible(error)
  );
}
