/** The checker of bank histories: money is neither made nor lost, each unit is there once, and two accounts stay solvent together. */
import type { Unit } from './history.js';
import type { Anomaly } from './level.js';

/** A transfer, a withdrawal or a look. What it saw is undefined unless it was told to be committed, with its result. */
export interface BankUnit extends Unit {
  /** How many entries it makes in the books: two for a transfer, one for a withdrawal, none for a look. */
  readonly entries: number;
  /** The sum of all accounts between which money is transferred, read one after another. */
  readonly total?: number | undefined;
  /** The sum of a pair of accounts, of which each withdrawal takes no more than there is. */
  readonly pair?: number | undefined;
}

export interface Entry {
  /** Which unit made it. */
  readonly unit: string;
  readonly account: number;
  readonly amount: number;
}

export interface BankHistory {
  readonly units: readonly BankUnit[];
  /** What every account has at the beginning. */
  readonly opening: number;
  /** What the accounts between which money is transferred have together, always. */
  readonly total: number;
  readonly pairs: readonly (readonly [number, number])[];
  /** The books at the end. */
  readonly balances: ReadonlyMap<number, number>;
  readonly entries: readonly Entry[];
}

/** Entries of one unit, against what its caller was told. */
function booked({ id, told, entries }: BankUnit, found: readonly Entry[]): readonly Anomaly[] {
  if (entries === 0) return [];
  const part = `${found.length} of ${entries} entries of ${id} are there`;
  const wrong: Anomaly[] = [];
  if (told === 'rolled-back' && found.length > 0) {
    wrong.push({ kind: 'false-rollback', text: `${part}, which was reported as rolled back` });
  }
  if (told === 'committed' && found.length < entries) {
    wrong.push({ kind: 'lost-write', text: `${part}, which was reported as committed` });
  }
  if (found.length > entries) wrong.push({ kind: 'duplicate', text: part });
  const isEven = entries < 2 || found.reduce((sum, { amount }) => sum + amount, 0) === 0;
  if (!isEven) wrong.push({ kind: 'torn-write', text: part });
  return wrong;
}

function seen({ id, total, pair }: BankUnit, expected: number): readonly Anomaly[] {
  const wrong: Anomaly[] = [];
  if (total !== undefined && total !== expected) {
    wrong.push({ kind: 'wrong-total', text: `${id} saw ${total} in all instead of ${expected}` });
  }
  if (pair !== undefined && pair < 0) {
    wrong.push({ kind: 'overdraft', text: `${id} saw a pair with ${pair}` });
  }
  return wrong;
}

/** Everything that is wrong, at any level; which of it a level forbids, `forbids` tells. */
export function checkBank(history: BankHistory): readonly Anomaly[] {
  const { units, opening, total, pairs, balances, entries } = history;
  const byUnit = new Map<string, Entry[]>(units.map(({ id }) => [id, []]));
  const sums = new Map<number, number>();
  const anomalies: Anomaly[] = [];
  for (const entry of entries) {
    sums.set(entry.account, (sums.get(entry.account) ?? 0) + entry.amount);
    const mine = byUnit.get(entry.unit);
    if (mine !== undefined) mine.push(entry);
    else
      anomalies.push({ kind: 'invented', text: `an entry of ${entry.unit}, which nobody played` });
  }
  for (const unit of units) {
    anomalies.push(...booked(unit, byUnit.get(unit.id) ?? []), ...seen(unit, total));
  }
  for (const [account, balance] of balances) {
    const due = opening + (sums.get(account) ?? 0);
    if (balance === due) continue;
    const text = `account ${account} has ${balance}; its entries make ${due}`;
    anomalies.push({ kind: 'wrong-balance', text });
  }
  for (const [one, other] of pairs) {
    const sum = (balances.get(one) ?? 0) + (balances.get(other) ?? 0);
    if (sum < 0)
      anomalies.push({ kind: 'overdraft', text: `accounts ${one} and ${other} end with ${sum}` });
  }
  return anomalies;
}
