/** The work that the contenders are given. */

/** Succeeds at once. */
export async function succeed(): Promise<number> {
  return 42;
}

/** What the failing work throws: one object, so that its own cost is not measured. */
const failure: Error = new Error('for the bench');

/** Fails. */
export async function fail(): Promise<never> {
  throw failure;
}

/** Fails, succeeds, fails, succeeds …: with one retry each shot succeeds. */
export function failEveryOther(): () => Promise<number> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls % 2 === 1) throw failure;
    return 42;
  };
}

/** Eight functions of source of their own, as a program has, so that the compiler can assume none. */
export function eightCounters(): readonly (() => number)[] {
  return Array.from({ length: 8 }, (_, index) =>
    new Function(`let count = ${index}; return function count${index}() { return ++count; }`)(),
  );
}

/** Long enough that it never fires while measured, in ms. */
export const neverFires = 600_000;
