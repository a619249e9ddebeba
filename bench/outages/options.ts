/** The command line of the outages: its options, checked before anything is started. */
import { parseArgs } from 'node:util';
import type { Millis } from '@carom/core';
import { type Adapter, adapters } from './clients/adapters.js';
import { type ScenarioName, scenarioNames } from './scenarios/names.js';
import { loops, type StrategyName, strategies, unguarded } from './strategies.js';

export interface Options {
  readonly scenario: ScenarioName | undefined;
  readonly adapter: Adapter | undefined;
  readonly strategy: StrategyName | undefined;
  /** How long each trouble lasts; undefined for as long as the scenario's own words say. */
  readonly trouble: Millis | undefined;
  readonly clients: number;
  readonly quick: boolean;
  /** A random mix of all scenarios, for so long; undefined for one after the other. */
  readonly mix: Millis | undefined;
  readonly seed: number;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly help: boolean;
}

/** The options cannot be used. The message is one sentence for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const strategyNames: readonly StrategyName[] = [...strategies, unguarded, ...loops];

const ranges = {
  seconds: [1, 600],
  clients: [1, 1_000],
  minutes: [1, 1_440],
  seed: [0, 2 ** 32 - 1],
} as const;

export const usage: string = `Usage: npm run outage -- [options]

The same outages of a real PostgreSQL, ridden out by bare clients, by cockatiel's wrap(retry, circuitBreaker) around each
call, and by Carom. Prints a Markdown table.

  --scenario NAME  only this one: ${scenarioNames.join(', ')}
  --adapter NAME   only this one: ${adapters.join(', ')}
  --strategy NAME  only this one: ${strategies.join(', ')}; or, in storms alone,
                   ${strategyNames.slice(strategies.length).join(', ')}
  --seconds N      how long each trouble lasts, ${ranges.seconds.join(' to ')} (10; rolling-kill 60); in a storm
                   it is that of up to five rounds, in which the strategies take turns
  --clients N      concurrent clients, ${ranges.clients.join(' to ')} (200)
  --quick          the main ones, with pg alone, 40 clients and 1 s of trouble each
  --mix            Carom alone, in a random mix of all scenarios, each followed by a count of what it left behind
  --minutes N      how long the mix lasts, ${ranges.minutes.join(' to ')} (30)
  --seed N         which mix, ${ranges.seed.join(' to ')} (1)
  --json FILE      also writes all figures there
  --html FILE      also writes the charts there, as a page that needs no other
  --help           shows this

Exit code: 0; 1 when Carom broke a promise that no noise can break (the times are shown, and judged by nobody);
2 for a wrong option; 3 when the outages themselves failed, for example for want of a PostgreSQL.
`;

function parse(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({
      args: [...args],
      options: {
        ...{ scenario: text, adapter: text, strategy: text, seconds: text, clients: text },
        ...{ minutes: text, seed: text, json: text, html: text, quick: flag, mix: flag },
        help: { ...flag, short: 'h' },
      },
    }).values;
  } catch (error) {
    // The rest of Node's message explains how to pass positional arguments, which there are none of.
    const [first = 'wrong options'] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(`${first.replace(/\.$/, '')}.`);
  }
}

function number(name: keyof typeof ranges, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [least, last] = ranges[name];
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= last) return value;
  throw new UsageError(
    `Option --${name} is "${text}"; allowed is a whole number from ${least} to ${last}.`,
  );
}

function oneOf<T extends string>(name: string, text: string | undefined, all: readonly T[]) {
  const found = all.find((one) => one === text);
  if (text === undefined || found !== undefined) return found;
  throw new UsageError(`Option --${name} is "${text}"; allowed is one of ${all.join(', ')}.`);
}

/** @throws {UsageError} for what it does not know, in one sentence. */
export function readOptions(args: readonly string[]): Options {
  const { quick, mix, help, json, html, ...texts } = parse(args);
  for (const [name, file] of Object.entries({ json, html })) {
    if (file === '')
      throw new UsageError(`Option --${name} is empty; allowed is the name of a file.`);
  }
  const seconds = number('seconds', texts.seconds) ?? (quick ? 1 : undefined);
  const minutes = number('minutes', texts.minutes);
  if (minutes !== undefined && !mix) throw new UsageError('Option --minutes goes with --mix.');
  return {
    scenario: oneOf('scenario', texts.scenario, scenarioNames),
    adapter: oneOf('adapter', texts.adapter, adapters) ?? (quick ? 'pg' : undefined),
    strategy: oneOf('strategy', texts.strategy, strategyNames),
    trouble: seconds === undefined ? undefined : seconds * 1_000,
    clients: number('clients', texts.clients) ?? (quick ? 40 : 200),
    ...{ quick, mix: mix ? (minutes ?? 30) * 60_000 : undefined },
    ...{ seed: number('seed', texts.seed) ?? 1, json, html, help },
  };
}
