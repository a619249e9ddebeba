/** Plays a simulated outage by its names. */
import type { Millis } from '@carom/core';
import { afterAll, beforeAll } from '@jest/globals';
import { contestants } from '../../bench/outage/contestants.js';
import type { Figures } from '../../bench/outage/figures.js';
import { scenarios } from '../../bench/outage/scenarios.js';
import { simulate } from '../../bench/outage/simulation.js';

/** For a file of tests that makes thousands of errors: each would remember a hundred frames. */
export function withoutStacks(): void {
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
}

export const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T => {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

/** @param duration default as long as the scenario says. */
export const play = (
  strategy: string,
  scenario: string,
  seed: number,
  duration?: Millis,
): Promise<Figures> =>
  simulate(named(contestants, strategy), named(scenarios, scenario), seed, duration);
