/** A named part is what several strategies may share, with a name and options of its own: a bulkhead, a rate limit, a budget. */
import { type Clock, systemClock } from './clock.js';
import { aClock, aFunction, aName, type Checks, checkOptions, demand } from './invalid.js';

/**
 * Checks the name and the options of one.
 * @returns the options, each read once.
 * @throws {InvalidOptionError} naming the option as `<kind>.<option>`; also where `required` is not given.
 */
export function checkNamed<Options extends object>(
  kind: string,
  name: string,
  options: Options,
  checks: Checks,
  required?: string & keyof Options,
): Options {
  demand(`${kind}.name`, name, aName);
  const read = checkOptions(options, checks, `${kind}.`);
  // A check knows no `undefined`, which `checkOptions` takes for an option that need not be given.
  const check = required && checks[required];
  if (check) demand(`${kind}.${required}`, read[required], check);
  return read;
}

/**
 * The clock of a part. Chance may be there too: one source may serve a cushion (circuit breaker) as well.
 * @throws {InvalidOptionError} naming the option as `<kind>.<option>`.
 */
export function clockOf(kind: string, source: { readonly clock?: Clock | undefined }): Clock {
  const checks: Checks = { clock: aClock, random: aFunction };
  return checkOptions(source, checks, `${kind}.`).clock ?? systemClock;
}
