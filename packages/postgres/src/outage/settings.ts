/** The settings of a datasource's cushion (circuit breaker), where its clients say nothing else. */
import type { Cushion, CushionOptions } from '@carom/core';

/** How many may wait where nobody says. */
export const mostParked = 1_000;

/**
 * All times in ms. `halfOpenAfter` and what follows it are of use only where no prober asks: there a probe is a shot of a
 * caller's, so that it comes soon and often: ten times in the first three seconds of an outage, then twice a second.
 */
const defaults = Object.freeze({
  ratio: 0.5,
  lastMs: 10_000,
  minimum: 10,
  halfOpenAfter: 100,
  halfOpenMax: 500,
  probeLease: 2_000,
  whenOpen: 'park',
  maxParked: mostParked,
} as const);

/** The options given, over the defaults. */
export function cushionSettings(given: CushionOptions = {}): CushionOptions {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const counts = given.failures !== undefined || given.lastCalls !== undefined;
  const { ratio, lastMs, minimum, ...waiting } = defaults;
  return {
    ...(counts ? waiting : { ratio, lastMs, minimum, ...waiting }),
    ...Object.fromEntries(said),
  };
}

/** By shape: the other copy of the core (ESM, CommonJS) makes cushions too. */
export function isCushion(value: Cushion | CushionOptions | undefined): value is Cushion {
  return typeof value === 'object' && 'circuit' in value;
}
