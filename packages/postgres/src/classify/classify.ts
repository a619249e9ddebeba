/** Classification is the step from an error to a verdict: what went wrong, what became of the work, what to do next. */
import type { Verdict } from '@carom/core';
import { caromRow } from './carom-codes.js';
import type { Evidence } from './evidence.js';
import { findRow } from './match.js';
import { adviceFor, type FailureContext, type Phase, settle } from './phase.js';
import { type Row, refused, unrecognised } from './row.js';
import { sqlstateRow } from './sqlstate.js';
import { isCommit } from './text.js';
import { type Trace, walk } from './walk.js';

export type { FailureContext, Phase } from './phase.js';

const readOnly = sqlstateRow('25006');
const late = caromRow('CAROM_TIMEOUT');
const poolLate = caromRow('CAROM_POOL_TIMEOUT');
const ownMistake = refused('the session was meant to be read-only, and the statement writes');

/** The row as the caller's intent and history make it. */
function adjust(row: Row, context: FailureContext): Row {
  // A standby that says so is the wrong server, whatever the session was meant for.
  if (context.readOnlyIntended && row === readOnly) return ownMistake;
  // The same wait, ended by another clock.
  if (context.poolBusy && row === late && poolLate !== undefined) return poolLate;
  if (context.afterUnknown && row.maybeOwnTrace) {
    const reason = `${row.reason}; it may be the trace of the earlier attempt`;
    return { ...row, outcome: 'unknown', atCommit: 'unknown', neverKnown: true, reason };
  }
  return row;
}

/** What a person would search for: the SQLSTATE before a Node code before a Prisma code. */
function codeOf({ sqlstate, nodeCode, prismaCode, caromCode }: Evidence): string | undefined {
  return sqlstate ?? nodeCode ?? prismaCode ?? caromCode;
}

/** A code for an error that has none of the usual ones: `KnexTimeoutError`, `ConnectionClosed`. */
function nameOf({ name, adapterKind }: Evidence): string | undefined {
  return adapterKind ?? (name !== undefined && /^[A-Z]\w{5,63}$/.test(name) ? name : undefined);
}

/** COMMIT in the SQL that Knex put before the words: the caller's phase was behind. */
function phaseOf(context: FailureContext, root: Evidence, found: Evidence): Phase {
  const phase = context.phase ?? 'statement';
  if (context.commitUnsent) return phase;
  const statement = found.statement ?? root.statement;
  return phase === 'statement' && statement !== undefined && isCommit(statement) ? 'commit' : phase;
}

function judge(trace: Trace, context: FailureContext): Verdict {
  const root = trace.evidence;
  const match = findRow(trace) ?? { row: unrecognised, evidence: root };
  const { evidence } = match;
  const row = adjust(match.row, context);
  const phase = phaseOf(context, root, evidence);
  const { outcome, because } = settle(row, evidence, { ...context, phase });
  const code =
    codeOf(evidence) ?? codeOf(root) ?? (row === unrecognised ? undefined : nameOf(evidence));
  return {
    kind: row.kind,
    outcome,
    connection: adviceFor(row, evidence, phase),
    ...(code !== undefined && { code }),
    reason: because === undefined ? row.reason : `${row.reason}; ${because}`,
  };
}

/**
 * What the failure of one attempt means. Takes anything that can be thrown, and never throws itself.
 *
 * The error says what went wrong; what became of the work depends on `context` as well: the same lost
 * connection is `not-executed` while connecting, `rolled-back` inside a transaction before COMMIT was sent,
 * and `unknown` for an autocommit statement or for COMMIT itself. Without a context it is judged as an
 * autocommit statement, which promises least. An error that no table knows is `permanent` and `unknown`.
 */
export function classify(error: unknown, context: FailureContext = {}): Verdict {
  return judge(walk(error), context);
}
