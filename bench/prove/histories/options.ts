/** The command line of the histories. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface Options {
  readonly seed: number;
  readonly seconds: number;
  readonly commit: 'xid' | 'fence';
  readonly json: string | undefined;
  readonly help: boolean;
}

export const usage: string = `Usage: npm run histories -- [options]

Plays a list-append and a bank workload at READ COMMITTED, REPEATABLE READ and SERIALIZABLE through every
adapter, and through a retry loop without Carom, while their Postgres is being broken; then checks the histories
(docs/histories.md). Exit code: 0; 1 when one that Carom played has an anomaly that its level forbids, or when an error of Carom's
says nothing of what became of the write; 2 for a wrong option; 3 when the run itself failed.

  --seed N       which load and which faults (default: random)
  --seconds N    length of the load (60)
  --commit HOW   how Carom settles lost COMMITs: xid (default) or fence
  --json FILE    also writes all figures there
  --quick        7 s of load: about 15 s in all
  --help         shows this
`;

/** @throws {Error} for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      seconds: { type: 'string' },
      commit: { type: 'string', default: 'xid' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const whole = (name: 'seed' | 'seconds', least: number, otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new Error(`--${name} ${values[name]}: a whole number from ${least}`);
  };
  const { commit } = values;
  if (commit !== 'xid' && commit !== 'fence') {
    throw new Error(`--commit ${commit}: xid or fence`);
  }
  return {
    commit,
    seed: whole('seed', 0, randomInt(100_000)),
    seconds: whole('seconds', 2, values.quick ? 7 : 60),
    json: values.json,
    help: values.help,
  };
}
