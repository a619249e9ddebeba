/** Causes are the errors that led to an error; a longer chain than ten is a loop or of no interest. */

const depth = 10;

/** Of so many that lead to an error by equally many steps, no more are looked at: one that holds itself would have no end. */
const width = 100;

/** Whether the error itself, or one of those that led to it, passes the test. */
export function hasCause(error: unknown, test: (error: unknown) => boolean): boolean {
  let row = [error];
  for (let level = 0; level < depth && row.length > 0; level++) {
    if (row.some(test)) return true;
    row = row.flatMap(ledTo).slice(0, width);
  }
  return false;
}

/** Its cause, and those that it holds where it is an AggregateError. */
function ledTo(error: unknown): unknown[] {
  const cause = read(() => (error as Holding)?.cause);
  const held = read(() => heldBy((error as Holding)?.errors)) ?? [];
  return cause === undefined ? held : [cause, ...held];
}

type Holding = { readonly cause?: unknown; readonly errors?: unknown } | null | undefined;

const heldBy = (errors: unknown): unknown[] =>
  Array.isArray(errors) ? errors.slice(0, width) : [];

/** What cannot be read is of no interest. */
function read<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
