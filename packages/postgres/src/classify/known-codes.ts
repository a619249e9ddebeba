/** Known codes: what the tables have a line for, and an error with such a code, to ask what it means. */
import { knownCaromCodes } from './carom-codes.js';
import { evidenceOf } from './evidence.js';
import { knownNodeCodes, nodeCodeRow } from './node-codes.js';
import { knownPrismaCodes, prismaRow } from './prisma-codes.js';
import { knownClasses, knownSqlstates, sqlstateRow } from './sqlstate.js';

/** Who says a code: the server, the sockets below the driver, Prisma, or Carom itself. */
export type CodeSource = 'server' | 'socket' | 'prisma' | 'carom';

/** A code that a table has a line for; of a class, the code that stands for all without a line of their own. */
export interface KnownCode {
  readonly code: string;
  readonly source: CodeSource;
  /** The first letters that the codes of a class share. */
  readonly class?: string;
}

/** The code of a class that no table has a line for. */
const codeOfClass = (letters: string): string => letters.padEnd(5, '0');

/** Every code with a line of its own, by source, and every class of SQLSTATEs. */
export const knownCodes: readonly KnownCode[] = [
  ...knownSqlstates.map((code) => ({ code, source: 'server' }) as const),
  ...knownClasses.map(
    (letters) => ({ code: codeOfClass(letters), source: 'server', class: letters }) as const,
  ),
  ...knownNodeCodes.map((code) => ({ code, source: 'socket' }) as const),
  ...knownPrismaCodes.map((code) => ({ code, source: 'prisma' }) as const),
  ...knownCaromCodes.map((code) => ({ code, source: 'carom' }) as const),
];

/** An error as its source raises it, with nothing in it but the code. */
export interface SampleError {
  readonly name: string;
  readonly code: string;
  readonly severity?: 'ERROR' | 'FATAL';
}

/**
 * An error with this code; undefined where it is no code that `classify` knows how to read.
 * @param fatal whether the server ended the session with it; by default as the code has it.
 */
export function sampleError(code: string, fatal?: boolean): SampleError | undefined {
  const evidence = evidenceOf({ code });
  if (evidence.sqlstate !== undefined || knownSqlstates.includes(code)) {
    const ends = fatal ?? sqlstateRow(code).fatal === 'by-nature';
    return { name: 'error', code, severity: ends ? 'FATAL' : 'ERROR' };
  }
  if (prismaRow(evidence) !== undefined) return { name: 'PrismaClientKnownRequestError', code };
  const known = nodeCodeRow(evidence) !== undefined || knownCaromCodes.includes(code);
  return known ? { name: 'Error', code } : undefined;
}
