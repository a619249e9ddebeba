/** The command `carom-explain`: reads its arguments, and says what to print. */
import { parseArgs } from 'node:util';
import { knownCodes, type Phase } from '@carom/postgres';
import { explainCode } from './explain-code.js';
import { errorsPage } from './page.js';
import { phases } from './stage.js';
import { textOf } from './text.js';

/** What the program does. */
export interface Answer {
  readonly status: 0 | 2;
  readonly output: string;
}

const usage = `What an error code means, whether Carom plays the work again, in which phase, and why.

  npx @carom/explain 40001                   in every phase
  npx @carom/explain ECONNRESET --phase commit
  npx @carom/explain P2034 --json
  npx @carom/explain --all                   every code that the tables have a line for

A code is a SQLSTATE, a code of Node (ECONNRESET), of Prisma (P2034) or of Carom (CAROM_TIMEOUT).

  --phase PHASE        ${phases.join(' | ')}
  --in-transaction     of a statement: only as a part of a transaction; --no-in-transaction: only on its own
  --fatal              the server ended the session with it
  --json, --markdown   instead of text; --markdown goes with --all
  --help`;

/** Takes the arguments after the program's name. */
export function explainCommand(args: readonly string[]): Answer {
  let given: ReturnType<typeof parse>;
  try {
    given = parse(args);
  } catch (error) {
    return refuse((error as Error).message);
  }
  const { values, positionals } = given;
  if (values.help) return { status: 0, output: usage };
  if (values.phase !== undefined && !isPhase(values.phase)) {
    return refuse(`--phase is "${values.phase}"; allowed: ${phases.join(', ')}`);
  }
  if (values.markdown && !values.all) return refuse('--markdown goes with --all');
  if (values.markdown && values.json) return refuse('--json or --markdown, not both');
  if (values.all) return all(values, positionals);
  if (positionals.length === 0) return refuse('no code was given');
  return some(values, positionals);
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: {
      phase: { type: 'string' },
      'in-transaction': { type: 'boolean' },
      fatal: { type: 'boolean' },
      all: { type: 'boolean' },
      json: { type: 'boolean' },
      markdown: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
}

function all(values: Values, positionals: readonly string[]): Answer {
  if (positionals.length > 0) return refuse(`--all takes no code; given: ${positionals.join(' ')}`);
  if (values.markdown) return { status: 0, output: errorsPage() };
  return some(
    values,
    knownCodes.map(({ code }) => code),
  );
}

function some(values: Values, codes: readonly string[]): Answer {
  const question = {
    phase: values.phase as Phase | undefined,
    inTransaction: values['in-transaction'],
    fatal: values.fatal,
  };
  const explained = [];
  for (const code of codes) {
    const one = explainCode(code, question);
    if (one === undefined) {
      return refuse(
        `"${code}" is no code that Carom knows: neither a SQLSTATE (40001) nor one of Node (ECONNRESET), Prisma (P2034) or Carom (CAROM_TIMEOUT)`,
      );
    }
    explained.push(one);
  }
  const output = values.json
    ? JSON.stringify(explained.length === 1 ? explained[0] : explained, null, 2)
    : explained.map(textOf).join('\n\n');
  return { status: 0, output };
}

function isPhase(value: string): value is Phase {
  return (phases as readonly string[]).includes(value);
}

function refuse(reason: string): Answer {
  return { status: 2, output: `carom-explain: ${reason}\nTry --help.` };
}
