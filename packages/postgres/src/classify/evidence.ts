/** Evidence is what one object in an error's chain says about a failure, sorted by who says it. */
import { read, readList, readText } from './read.js';
import { type Severity, severityOf } from './severity.js';
import { splitMessage, type Told } from './text.js';

/** The facts of one object. */
export interface Evidence {
  /** The class name by `name`; `error` for a server error of pg. */
  readonly name?: string;
  readonly sqlstate?: string;
  /** Only where the object tells it; localised by the server. */
  readonly severity?: Severity;
  /** The server function that raised it: only a real PostgreSQL says. */
  readonly routine?: string;
  /** A code of Node or of a library on it: `ECONNRESET`, `ERR_STREAM_DESTROYED`. */
  readonly nodeCode?: string;
  /** The system call that failed: `connect`, `read`. */
  readonly syscall?: string;
  /** `P2034` and the like. */
  readonly prismaCode?: string;
  /** The `kind` of an error that a Prisma driver adapter has mapped. */
  readonly adapterKind?: string;
  /** `CAROM_…`. */
  readonly caromCode?: string;
  /** The words of the driver or server. */
  readonly text?: string;
  /** The SQL that Knex put before the words. */
  readonly statement?: string;
}

const sqlstateForm = /^[0-9A-Z]{5}$/;
const prismaForm = /^P[1-9]\d{3}$/;
const codeForm = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * Whether `code` is a SQLSTATE. Without a severity beside it, it must hold a digit and not begin with E
 * (`EPIPE` and `ABORT` have five letters too) and not be a Prisma code. Prisma begins at P1, PL/pgSQL stays in P0.
 */
function isSqlstate(code: string, severity: string | undefined): boolean {
  if (!sqlstateForm.test(code)) return false;
  return (
    severity !== undefined || (/\d/.test(code) && !code.startsWith('E') && !prismaForm.test(code))
  );
}

/** What the `code` of an error is, by its form. */
function sortCode(code: string | undefined, severity: string | undefined): Evidence {
  if (code === undefined) return {};
  if (isSqlstate(code, severity)) return { sqlstate: code };
  if (prismaForm.test(code)) return { prismaCode: code };
  if (code.startsWith('CAROM_')) return { caromCode: code };
  return codeForm.test(code) ? { nodeCode: code } : {};
}

/** The system call of the error, or the one that all errors gathered in it share (a host with two addresses). */
function syscallOf(error: unknown): string | undefined {
  const own = readText(error, 'syscall');
  if (own !== undefined) return own;
  const [first, ...others] = readList(error, 'errors', 16).map((each) => readText(each, 'syscall'));
  return others.every((each) => each === first) ? first : undefined;
}

/** The code of a Prisma client that could not start is in a field of its own. */
function prismaCodeOf(error: unknown): string | undefined {
  const code = readText(error, 'errorCode');
  return code !== undefined && prismaForm.test(code) ? code : undefined;
}

function told(message: string | undefined): Partial<Told> {
  return message === undefined ? {} : splitMessage(message);
}

/** The facts that an error object tells of itself. */
export function evidenceOf(error: unknown): Evidence {
  const name = readText(error, 'name');
  const severity = readText(error, 'severity');
  const routine = readText(error, 'routine');
  const syscall = syscallOf(error);
  const code = readText(error, 'code') ?? prismaCodeOf(error);
  return {
    ...(name !== undefined && { name }),
    ...(severity !== undefined && { severity: severityOf(severity) }),
    ...(routine !== undefined && { routine }),
    ...(syscall !== undefined && { syscall }),
    ...sortCode(code, severity),
    // What AbortSignal.timeout() throws; a DOMException has a number for a code.
    ...(name === 'TimeoutError' && read(error, 'code') === 23 && { nodeCode: 'ABORT_ERR' }),
    ...told(readText(error, 'message')),
  };
}

/** The facts in what a Prisma driver adapter has mapped: `{ kind, originalCode, originalMessage, … }`. */
export function mappedEvidence(mapped: unknown): Evidence {
  const adapterKind = readText(mapped, 'kind');
  const severity = readText(mapped, 'severity');
  const code = readText(mapped, 'originalCode') ?? readText(mapped, 'code');
  const text =
    readText(mapped, 'originalMessage') ??
    readText(mapped, 'message') ??
    readText(mapped, 'reason');
  return {
    ...(adapterKind !== undefined && { adapterKind }),
    ...(severity !== undefined && severity !== 'N/A' && { severity: severityOf(severity) }),
    ...sortCode(code, severity),
    ...told(text),
  };
}

/** The facts in the `meta` of a raw-query error of Prisma 6 and older: `{ code, message }`. */
export function metaEvidence(error: unknown): Evidence | undefined {
  const meta = read(error, 'meta');
  const code = readText(meta, 'code');
  if (code === undefined || !isSqlstate(code, undefined)) return undefined;
  if (readText(error, 'code') !== 'P2010') return undefined;
  return { sqlstate: code, ...told(readText(meta, 'message')) };
}
