/** A book is what a lane was told of each unit of work, held in the end against what the database has. */
import { classify, explain, outcomeOf } from '@carom/postgres';
import { type Ledger, ledger } from '@carom/testing';
import { type Account, type Cell, cellName, increment, newAccount } from './account.js';
import { canKnow, type Hit } from './faults.js';

/** Ids as the database has them, with how often. */
export type Found = ReadonlyMap<string, number>;

const unitOf = (id: string): string => id.slice(0, id.indexOf('/'));

/** A bare client's error says nothing of the outcome. What a careful person would read from it: */
const careful = (error: unknown): string => classify(error, { phase: 'statement' }).outcome;

export class Book {
  readonly account: Account = newAccount();
  /** What is wrong, for people. */
  readonly remarks: string[] = [];
  readonly #level: 'xid' | 'fence' | undefined;
  readonly #ledger: Ledger;
  readonly #units = new Map<string, { readonly ids: readonly string[]; isFailed: boolean }>();

  /** @param level at which Carom settles a lost COMMIT; undefined for a bare client, whose errors claim nothing. */
  constructor(level: 'xid' | 'fence' | undefined) {
    this.#level = level;
    this.#ledger = ledger(level === undefined ? { outcomeOf: () => undefined } : {});
  }

  hit(cell: Cell): void {
    increment(this.account.hits, cellName(cell));
  }

  /** Does a unit of work, and notes how it went; never rejects. */
  async enter(
    ids: readonly string[],
    hit: Hit | undefined,
    work: () => Promise<unknown>,
  ): Promise<void> {
    const unit = { ids, isFailed: false };
    this.account.shots += 1;
    this.#units.set(unitOf(ids[0] ?? ''), unit);
    for (const id of ids) this.#ledger.attempt(id);
    try {
      await work();
      for (const id of ids) this.#ledger.acknowledged(id);
    } catch (error) {
      unit.isFailed = true;
      for (const id of ids) this.#ledger.failed(id, error);
      this.#note(error, hit, unitOf(ids[0] ?? ''));
    }
  }

  /**
   * Holds all that was noted against the rows. Once, at the end: what a forgotten attempt did much later shows too.
   * @param vanished what a former primary had, and the server that was promoted had never heard of.
   */
  audit(found: Found, vanished: ReadonlySet<string>): void {
    const mine = new Map([...found].filter(([id]) => this.#units.has(unitOf(id))));
    const wrong = { duplicates: new Set<string>(), lost: new Set<string>() };
    const [denied, byServer] = [new Set<string>(), new Set<string>()];
    for (const { id, problem } of this.#ledger.audit(mine).wrong) {
      const isVanished = problem === 'lost' && vanished.has(id);
      if (isVanished) byServer.add(unitOf(id));
      else if (problem === 'duplicate') wrong.duplicates.add(unitOf(id));
      else if (problem === 'lost') wrong.lost.add(unitOf(id));
      else denied.add(unitOf(id));
      if (!isVanished) this.remarks.push(`${id}: ${problem}`);
    }
    this.account.duplicates += wrong.duplicates.size;
    this.account.lost += wrong.lost.size;
    this.account.denied += denied.size;
    this.account.lostByServer += byServer.size;
    for (const [unit, { ids, isFailed }] of this.#units) {
      const there = ids.filter((id) => found.has(id)).length;
      if (isFailed && there > 0) this.account.doneDespiteError += 1;
      if (there === 0 || there === ids.length) continue;
      this.account.torn += 1;
      this.remarks.push(`${unit}: there in part`);
    }
  }

  #note(error: unknown, hit: Hit | undefined, unit: string): void {
    const { account } = this;
    const outcome = this.#level === undefined ? careful(error) : outcomeOf(error);
    // Who says nothing leaves it open.
    const isOpen = outcome === 'unknown' || outcome === undefined;
    if (isOpen) account.unknown += 1;
    else account.failed += 1;
    if (this.#level === undefined) return;
    const where = hit === undefined ? 'no fault' : `${hit.fault}, ${hit.point} ${hit.moment}`;
    const reason = explain(error)?.verdict?.reason ?? String(error);
    if (!isOpen) this.remarks.push(`${unit}: failed (${where}): ${reason}`);
    else if (hit !== undefined && !canKnow(this.#level, hit)) {
      increment(account.unknownBy, `${this.#level}: ${hit.fault}, ${hit.point}: ${reason}`);
    } else {
      account.needlesslyUnknown += 1;
      this.remarks.push(`${unit}: needlessly unknown (${where}): ${reason}`);
    }
  }
}
