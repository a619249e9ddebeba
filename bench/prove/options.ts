/** The command line of the proof: its options, checked before anything is started. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Which units of work, and which faults. */
  readonly seed: number;
  /** Of Carom, at least, both levels together; each of the others plays as many as one level. */
  readonly shots: number;
  /** Each of the server's own faults strikes once, instead of at every point. */
  readonly quick: boolean;
  readonly json: string | undefined;
  readonly help: boolean;
}

/** The options cannot be used. The message is one sentence for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const fewest = 100;
const most = 1_000_000;
const highestSeed = 2 ** 32 - 1;
const whole = { seed: [0, highestSeed], shots: [fewest, most] } as const;

export const usage: string = `Usage: npm run prove -- [options]

The same writes, broken at the same places: by bare clients, by a hand-written retry loop, and by Carom at both levels at
which it settles a lost COMMIT. Then the database is asked what was true. Then concurrent transactions at every isolation
level under the same faults, whose histories are checked (npm run histories plays these alone).

  --seed N     which writes and which faults, 0 to ${highestSeed} (1)
  --shots N    Carom's, at least, ${fewest} to ${most} (20000; the others play the same)
  --quick      the same in 45 seconds: 600 shots, each fault of the server once
  --json FILE  also writes all figures there
  --help       shows this

Exit code: 0; 1 when Carom told a lie, did not know what it could know, or never met what it should have met;
2 for a wrong option; 3 when the proof itself failed, for example for want of a PostgreSQL.
`;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        shots: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    // The rest of Node's message explains how to pass positional arguments, which there are none of.
    const [first = 'wrong options'] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(`${first.replace(/\.$/, '')}.`);
  }
}

function number(name: keyof typeof whole, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const [least, last] = whole[name];
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= last) return value;
  throw new UsageError(
    `Option --${name} is "${text}"; allowed is a whole number from ${least} to ${last}.`,
  );
}

/** @throws {UsageError} for what it does not know, in one sentence. */
export function readOptions(args: readonly string[]): Options {
  const { seed, shots, quick, json, help } = parse(args);
  if (json === '') throw new UsageError('Option --json is empty; allowed is the name of a file.');
  return {
    seed: number('seed', seed, 1),
    shots: number('shots', shots, quick ? 600 : 20_000),
    ...{ quick, json, help },
  };
}
