/** The command line of the demo: its options, checked before anything is started. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What the command line said. */
export interface DemoOptions {
  /** The load's length, all three runs together. */
  readonly seconds: number;
  readonly seed: number;
  /** Where the numbers go. */
  readonly json: string | undefined;
  /** Where the page goes; undefined for no page. */
  readonly report: string | undefined;
  readonly help: boolean;
}

/** The options cannot be used. The message is one sentence for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const shortest = 6;
const longest = 3_600;
const highestSeed = 2 ** 32 - 1;

export const usage = `Usage: npm run demo -- [options]

  --seconds N     length of the load, shared by the three runs, ${shortest} to ${longest} (default 60)
  --seed N        which load and which faults; a number printed by an earlier run plays them again (default: random)
  --json FILE     writes the numbers there
  --report FILE   writes the page there (default demo/report.html)
  --no-report     writes no page
  --help          shows this

Exit code: 0; 1 when Carom doubled or lost a write, or said of one that it was not done when it was;
2 for a wrong option; 3 when the demo itself failed, for example for want of a PostgreSQL.

Columns: shots       operations begun
         failed      the caller got an error that says: not done
         duplicates  writes that are in the database more than once
         lost        writes reported as done that are not in the database
         unknown     the caller got an error that leaves open whether the write was done
         p50, p99    time to success, from the moment the customer asked, retries and waiting included
         stall       the longest time in which no operation succeeded
`;

function parse(args: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        seconds: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'string' },
        report: { type: 'string' },
        'no-report': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    // The rest of Node's message explains how to pass positional arguments, which there are none of.
    const [first = 'wrong options'] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(`${first.replace(/\.$/, '')}.`);
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    `Option --${name} is "${text}"; allowed is a whole number from ${least} to ${most}.`,
  );
}

function fileName(name: string, value: string | undefined): string | undefined {
  if (value === '')
    throw new UsageError(`Option --${name} is empty; allowed is the name of a file.`);
  return value;
}

/**
 * Reads the command line; `reportFile` is where the page goes unless told otherwise.
 *
 * @throws UsageError with one sentence that names what is wrong
 */
export function readOptions(args: readonly string[], reportFile: string): DemoOptions {
  const values = parse(args);
  const text = (name: string): string | undefined => values[name] as string | undefined;
  if (values['no-report'] === true && values['report'] !== undefined) {
    throw new UsageError('Options --report and --no-report exclude each other.');
  }
  const { seconds = '60', seed } = { seconds: text('seconds'), seed: text('seed') };
  return {
    seconds: wholeNumber('seconds', seconds, shortest, longest),
    seed: seed === undefined ? randomInt(100_000) : wholeNumber('seed', seed, 0, highestSeed),
    json: fileName('json', text('json')),
    report:
      values['no-report'] === true ? undefined : (fileName('report', text('report')) ?? reportFile),
    help: values['help'] === true,
  };
}
