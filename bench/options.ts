/** The command line of the bench. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { builtCore } from './root.js';

export interface BenchOptions {
  readonly quick: boolean;
  readonly gate: boolean;
  readonly save: boolean;
  readonly weigh: boolean;
  readonly json: string | undefined;
  /** The file of the built package. */
  readonly core: string;
  readonly help: boolean;
}

export const usage = `Usage: npm run bench -- [options]

Measures the built @carom/core beside its peers and writes a Markdown table.

  --quick         fewer rounds: under 20 seconds
  --gate          measures what has no noise (promises, ticks, bytes, sizes; of the adapters what a
                  query and a transaction have more than the bare client's) and compares it with
                  bench/baseline.json; exit code 1 when anything got worse, or takes grossly
                  longer than it should
  --save          measures the same and writes bench/baseline.json
  --weigh         shows what each thing that Carom promises adds to a bundle
  --json FILE     writes everything that was measured there
  --core FILE     measures this build instead: another one's dist/index.js
  --help          shows this
`;

/** @throws TypeError for an option that does not exist */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      gate: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      weigh: { type: 'boolean', default: false },
      json: { type: 'string' },
      core: { type: 'string', default: builtCore },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return { ...values, json: values.json, core: resolve(values.core) };
}
