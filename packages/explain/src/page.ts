/** The whole table as a page of the documentation. */
import { type CodeSource, type KnownCode, knownCodes } from '@carom/postgres';
import { explainCode, type PhaseExplanation } from './explain-code.js';

const titles: Readonly<Record<CodeSource, string>> = {
  server: 'The server: SQLSTATE',
  socket: 'The sockets below the driver',
  prisma: 'Prisma',
  carom: 'Carom itself',
};

const opening = `# What each error means

Generated from the tables of \`@carom/postgres\` by \`npm run errors-page\`; a test says when it is out of date. The same for one code:
\`npx @carom/explain 40001 --phase commit\`.

Each cell says what became of the work, and whether it is played again: **yes**; **no**; or **reads only**, where nobody can say whether it was done, so that
only a read, or work declared idempotent, is played again. A lost COMMIT is settled by asking the server first. A transaction is played again as a whole, never
a statement of it. While connecting nothing was sent, so that no outcome is unknown there.
`;

const columns = ['connect', 'statement', 'statement in a transaction', 'commit'] as const;

/** Markdown. */
export function errorsPage(): string {
  const sections = Object.entries(titles).map(([source, title]) => {
    const rows = knownCodes.filter((known) => known.source === source).map(rowOf);
    const head = `| code | meaning | kind | ${columns.join(' | ')} |`;
    const line = `| ${['---', '---', '---', ...columns.map(() => '---')].join(' | ')} |`;
    return `## ${title}\n\n${[head, line, ...rows].join('\n')}\n`;
  });
  return [opening, ...sections].join('\n');
}

function rowOf(known: KnownCode): string {
  const explained = explainCode(known.code);
  if (explained === undefined) throw new Error(`${known.code} is in a table and is not known`);
  const { meaning, kind, phases } = explained;
  const name = known.class === undefined ? `\`${known.code}\`` : `other \`${known.class}…\``;
  const cells = columns.map((column) => cellOf(phases.find((one) => labelOf(one) === column)));
  return `| ${[name, meaning, kind, ...cells].join(' | ')} |`;
}

function labelOf({ phase, inTransaction }: PhaseExplanation): string {
  return phase === 'statement' && inTransaction ? 'statement in a transaction' : phase;
}

function cellOf(explained: PhaseExplanation | undefined): string {
  return explained === undefined ? '' : `${explained.outcome}: **${explained.retried}**`;
}
