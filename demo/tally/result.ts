/** The result of one run: the columns of the table, and whether anything is wrong that must never be. */
import type { Operation } from '../load/operation.js';
import type { ShopAudit } from '../shop/audit.js';
import type { StrategyName } from '../strategies.js';
import type { Tally } from './tally.js';
import type { Timeline } from './timeline.js';

/** The numbers of one run. Times in ms, rounded; null where nothing succeeded. */
export interface Numbers {
  readonly shots: number;
  /** The caller got an error that does not leave the outcome open. */
  readonly failed: number;
  /** Writes that are there more than once. */
  readonly duplicates: number;
  /** Writes reported as done that are not there. */
  readonly lost: number;
  /** The caller of a write got an error that leaves open whether it was done. */
  readonly unknown: number;
  /** Writes that are there although their last error says they are not. */
  readonly lies: number;
  /** Operations that had not ended when the demo gave up waiting for them. */
  readonly pending: number;
  /** Faults that were played; a cut for which there was nothing to hit is not. */
  readonly faultsPlayed: number;
  /** Operations that were played again, each time counted. */
  readonly retries: number;
  /** Accounts of the shop that do not add up, and writes that nobody asked for. */
  readonly brokenAccounts: number;
  /** What customers were charged beyond what they had ordered, in cents. */
  readonly overchargedCents: number;
  readonly p50: number | null;
  readonly p99: number | null;
  /** The longest time without any success. */
  readonly longestStall: number;
}

/** One run and its evidence. */
export interface RunResult {
  readonly strategy: StrategyName;
  readonly numbers: Numbers;
  /** One line for each write that is not as it was reported, with what its caller was told. */
  readonly evidence: readonly string[];
  readonly timeline: Timeline;
}

const rounded = (ms: number | undefined): number | null =>
  ms === undefined ? null : Math.round(ms * 10) / 10;

const centsOf = (operation: Operation | undefined): number =>
  operation !== undefined && 'cents' in operation ? operation.cents : 0;

/** How a run ended. */
export interface RunEnd {
  readonly pending: number;
  readonly faultsPlayed: number;
  /** The length of its load, in ms. */
  readonly runMs: number;
  /** Operations that were played again, each time counted. */
  readonly retries: number;
}

/** Holds the tally of a run against what the database holds. */
export function conclude(
  tally: Tally,
  shop: ShopAudit,
  { pending, faultsPlayed, runMs, retries }: RunEnd,
): Pick<RunResult, 'numbers' | 'evidence'> & { readonly doubles: readonly number[] } {
  const { counts, wrong } = tally.ledger.audit(shop.rows);
  const { p50, p99, longestStall } = tally.times(runMs);
  const doubled = wrong.filter(({ problem }) => problem === 'duplicate');
  const overchargedCents = doubled.reduce(
    (sum, { id, found }) => sum + (found - 1) * centsOf(tally.operations.get(id)),
    0,
  );
  const evidence = wrong.map(
    ({ id, problem, found, outcome }) =>
      `${id}: ${problem}, found ${found} times, reported as ${outcome ?? 'nothing'}; ` +
      `${tally.errors.get(id) ?? JSON.stringify(tally.operations.get(id) ?? 'nobody asked for it')}`,
  );
  const numbers: Numbers = {
    shots: tally.shots,
    failed: tally.failedCount,
    duplicates: counts.duplicates,
    lost: counts.lost,
    unknown: tally.unknownCount,
    lies: counts.liars,
    pending,
    faultsPlayed,
    retries,
    brokenAccounts: shop.broken.length + counts.neverAttempted,
    overchargedCents,
    p50: rounded(p50),
    p99: rounded(p99),
    longestStall: rounded(longestStall) ?? 0,
  };
  const doubles = doubled.map(({ id }) => tally.operations.get(id)?.at ?? 0);
  return { numbers, evidence: [...evidence, ...shop.broken], doubles };
}

/** Whether a strategy that promises never to double, lose or misreport a write has kept its word. */
export function keptItsWord({ duplicates, lost, lies, brokenAccounts }: Numbers): boolean {
  return duplicates + lost + lies + brokenAccounts === 0;
}
