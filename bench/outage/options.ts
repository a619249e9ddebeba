/** The command line of the simulation. */
import { parseArgs } from 'node:util';
import type { Millis } from '@carom/core';
import { contestants } from './contestants.js';
import { scenarios } from './scenarios.js';

export interface Options {
  readonly seeds: number;
  /** Those which are only there to compare with get no more seeds than this. */
  readonly controlSeeds: number;
  /** How long each is played; undefined as its scenario says. */
  readonly duration: Millis | undefined;
  readonly scenario: string | undefined;
  readonly strategy: string | undefined;
  readonly json: string | undefined;
  readonly help: boolean;
}

const names = (all: readonly { readonly name: string }[]): string =>
  all.map(({ name }) => name).join(', ');

export const usage: string = `Usage: npm run simulate -- [options]

Simulates outages of a server under an open load, in virtual time, with the real engine; where the
server is a database that is written to, with pg's pool and all of @carom/pg as well, and what the
callers were told is held against what was committed. Prints a Markdown table; the exit code is 1
when a target is missed.

  --seeds N        how many runs of each (100; those to compare with: up to 3)
  --scenario NAME  only this one: ${names(scenarios)}
  --strategy NAME  only this one: ${names(contestants)}
  --json FILE      also writes all figures there
  --quick          3 seeds, and 25 s at most
  --help           shows this
`;

/** @throws {Error} for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      scenario: { type: 'string' },
      strategy: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const seeds = Number(values.seeds ?? (values.quick ? 3 : 100));
  if (!Number.isInteger(seeds) || seeds < 1) {
    throw new Error(`--seeds ${values.seeds}: a whole number from 1`);
  }
  return {
    seeds,
    controlSeeds: Math.min(seeds, values.quick ? 1 : 3),
    duration: values.quick ? 25_000 : undefined,
    scenario: known('scenario', values.scenario, names(scenarios)),
    strategy: known('strategy', values.strategy, names(contestants)),
    json: values.json,
    help: values.help,
  };
}

function known(option: string, value: string | undefined, all: string): string | undefined {
  if (value === undefined || all.split(', ').includes(value)) return value;
  throw new Error(`--${option} ${value}: there are ${all}`);
}
