/** Matching finds the one row that speaks for an error: the most telling witness first. */
import { adapterKindRow } from './adapter-kinds.js';
import { caromRow } from './carom-codes.js';
import { cancelFailedRow, commitLost, driverTextRow } from './driver-texts.js';
import type { Evidence } from './evidence.js';
import { nodeCallRow, nodeCodeRow } from './node-codes.js';
import { prismaNameRow, prismaRow } from './prisma-codes.js';
import { bareProviderRow } from './provider-texts.js';
import { type Row, row, unrecognised } from './row.js';
import { serverTextRow } from './server-texts.js';
import { sqlstateRow } from './sqlstate.js';
import { isCommit } from './text.js';
import type { Trace } from './walk.js';

/** A row, and the object it was found for. */
export interface Match {
  readonly row: Row;
  readonly evidence: Evidence;
}

const aborted = row('cancelled', 'unknown', 'discard', 'the caller took it back');
const remote = row(
  'outage',
  'rolled-back',
  'keep',
  'a function of this server could not reach another server',
);

/** What the server's own error means. No driver's words are looked for: they may be a value in the SQL. */
function serverRow(sqlstate: string, evidence: Evidence): Row {
  const { severity, routine } = evidence;
  const toldBySession = severity === 'error' && routine !== undefined;
  // dblink and postgres_fdw: this session lives, and another server is away.
  if (toldBySession && (sqlstate === '08001' || sqlstate === '08003')) return remote;
  return serverTextRow(sqlstate, evidence) ?? sqlstateRow(sqlstate);
}

/** What a fault without a SQLSTATE means. */
function clientRow(evidence: Evidence): Row | undefined {
  const { text, statement, prismaCode, adapterKind } = evidence;
  if (prismaCode !== undefined) return prismaRow(evidence);
  return (
    (evidence.name === 'AbortError' ? aborted : undefined) ??
    nodeCallRow(evidence) ??
    (text === undefined ? undefined : bareProviderRow(text)) ??
    driverTextRow(evidence) ??
    (statement !== undefined && isCommit(statement) ? commitLost : undefined) ??
    nodeCodeRow(evidence) ??
    (adapterKind === undefined ? undefined : adapterKindRow(adapterKind)) ??
    prismaNameRow(evidence)
  );
}

/** What one object says by itself. */
function ownRow(evidence: Evidence): Row | undefined {
  const { caromCode, sqlstate } = evidence;
  if (caromCode !== undefined) return caromRow(caromCode) ?? unrecognised;
  return (
    cancelFailedRow(evidence) ??
    (sqlstate === undefined ? clientRow(evidence) : serverRow(sqlstate, evidence))
  );
}

const rank = { 'not-executed': 0, 'rolled-back': 1, unknown: 2 } as const;

/** Of failures of equal rank, the one that promises least. */
function worst(matches: readonly Match[]): Match | undefined {
  return matches.reduce<Match | undefined>((least, each) => {
    if (least === undefined) return each;
    const difference = rank[each.row.outcome] - rank[least.row.outcome];
    const isWorse = difference > 0 || (difference === 0 && each.row.kind === 'permanent');
    return isWorse ? each : least;
  }, undefined);
}

/**
 * The row for an error and what it holds. An error that says enough by itself is not looked into: what it
 * wraps may say something else. A Prisma code is the exception: what it wraps says more.
 */
export function findRow(trace: Trace): Match | undefined {
  const { evidence, inner, gathered } = trace;
  const row = ownRow(evidence);
  const own = row === undefined ? undefined : { row, evidence };
  if (own !== undefined && evidence.prismaCode === undefined) return own;
  for (const each of inner) {
    const found = findRow(each);
    if (found !== undefined) return found;
  }
  return (
    own ??
    worst(gathered.map((each) => findRow(each) ?? { row: unrecognised, evidence: each.evidence }))
  );
}
