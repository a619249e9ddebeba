/** An audit holds what was claimed against what is there. */
import { type Claim, promises } from './entry.js';
import {
  describeReport,
  type LedgerCounts,
  type LedgerReport,
  type Problem,
  type Wrong,
} from './report.js';

/** The ids found in the database: one entry per row, or how many rows each has. */
export type Found = Iterable<string | number> | ReadonlyMap<string, number>;

/** How many rows each id has. */
function tally(rows: Found): ReadonlyMap<string, number> {
  if (rows instanceof Map) return rows as ReadonlyMap<string, number>;
  const counts = new Map<string, number>();
  for (const id of rows as Iterable<string | number>) {
    counts.set(`${id}`, (counts.get(`${id}`) ?? 0) + 1);
  }
  return counts;
}

/** What is wrong with one write. */
function problems(claim: Claim, found: number): readonly Problem[] {
  const expected = promises[claim];
  const wrong: Problem[] = [];
  if (expected === 'once' && found === 0) wrong.push('lost');
  if (expected === 'absent' && found > 0) wrong.push('present-though-not-done');
  if (found > 1) wrong.push('duplicate');
  return wrong;
}

function countsOf(claims: ReadonlyMap<string, Claim>, wrong: readonly Wrong[]): LedgerCounts {
  const all = [...claims.values()];
  const having = (...wanted: readonly Claim[]): number =>
    all.filter((claim) => wanted.includes(claim)).length;
  const problematic = (problem: Problem): number =>
    wrong.filter((one) => one.problem === problem).length;
  return {
    attempted: all.length,
    acknowledged: having('acknowledged'),
    failed: all.length - having('acknowledged', 'pending'),
    notDone: having('not-executed', 'rolled-back'),
    committed: having('committed'),
    unknown: having('unknown'),
    unclaimed: having('unclaimed'),
    pending: having('pending'),
    duplicates: problematic('duplicate'),
    lost: problematic('lost'),
    liars: problematic('present-though-not-done'),
    neverAttempted: problematic('never-attempted'),
  };
}

/** Judges all claims by what was found. */
export function audit(claims: ReadonlyMap<string, Claim>, rows: Found): LedgerReport {
  const found = tally(rows);
  const wrong: Wrong[] = [];
  for (const [id, claim] of claims) {
    const times = found.get(id) ?? 0;
    for (const problem of problems(claim, times)) {
      wrong.push({ id, problem, expected: promises[claim], found: times, outcome: claim });
    }
  }
  for (const [id, times] of found) {
    if (claims.has(id) || times === 0) continue;
    const problem = 'never-attempted';
    wrong.push({ id, problem, expected: 'absent', found: times, outcome: undefined });
  }
  const counts = countsOf(claims, wrong);
  return {
    ok: wrong.length === 0,
    counts,
    wrong,
    toString: () => describeReport(counts, wrong),
  };
}
