/** The result of a run: what the clients were told, and what the checker found. Plain JSON. */
import { type AnomalyKind, forbids, type Level } from './checker/level.js';
import { type ClientName, isControl } from './clients/clients.js';
import type { Judged, WorkloadName } from './workload/workload.js';

/** One workload at one level through one client. */
export interface HistoryFigures {
  readonly client: ClientName;
  readonly level: Level;
  readonly workload: WorkloadName;
  readonly transactions: number;
  /** The caller was told that it is done. */
  readonly ok: number;
  /** The caller was told that it is not done. */
  readonly failed: number;
  /** The caller was told that nobody knows, or had no answer when the run ended. */
  readonly unknown: number;
  /** Errors, counted in `unknown`, that said nothing of what became of the write. */
  readonly unclaimed: number;
  /** Attempts that were played again. */
  readonly retries: number;
  /** How many of them because another transaction was in the way (40001, 40P01); not known of the control. */
  readonly contended: number;
  /** Everything that was found, also what the level allows. */
  readonly anomalies: Readonly<Partial<Record<AnomalyKind, number>>>;
  /** How many of them the level forbids. */
  readonly forbidden: number;
  /** The first of those, each in a line. */
  readonly evidence: readonly string[];
}

export interface HistoriesResult {
  readonly seed: number;
  readonly seconds: number;
  readonly commit: 'xid' | 'fence';
  /** How often each fault was played; one of a connection counts for each client that it hit. */
  readonly faults: Readonly<Record<string, number>>;
  readonly histories: readonly HistoryFigures[];
  /** Whether nothing was found, in what Carom played, that a level forbids, and every error said what became of it. */
  readonly ok: boolean;
  /** Whether the retry loop without Carom was found out, which shows that the checker can. */
  readonly controlFoundOut: boolean;
}

const shown = 5;

/** The figures of one history. */
export function figuresOf(
  of: Pick<HistoryFigures, 'client' | 'level' | 'workload' | 'retries' | 'contended'>,
  { told, unclaimed, anomalies: found }: Judged,
): HistoryFigures {
  const anomalies: Partial<Record<AnomalyKind, number>> = {};
  for (const { kind } of found) anomalies[kind] = (anomalies[kind] ?? 0) + 1;
  const forbidden = found.filter(({ kind }) => forbids(of.level, kind));
  return {
    ...of,
    transactions: told.committed + told['rolled-back'] + told.unknown,
    ok: told.committed,
    failed: told['rolled-back'],
    unknown: told.unknown,
    unclaimed,
    anomalies,
    forbidden: forbidden.length,
    evidence: forbidden.slice(0, shown).map(({ kind, text }) => `${kind}: ${text}`),
  };
}

/** The result of all. */
export function conclude(
  played: Pick<HistoriesResult, 'seed' | 'seconds' | 'commit' | 'faults'>,
  histories: readonly HistoryFigures[],
): HistoriesResult {
  const isBad = ({ forbidden, unclaimed }: HistoryFigures): boolean => forbidden + unclaimed > 0;
  const control = histories.filter(({ client }) => isControl(client));
  const carom = histories.filter(({ client }) => !isControl(client));
  return {
    ...played,
    histories,
    ok: !carom.some(isBad),
    controlFoundOut: control.some(isBad),
  };
}
