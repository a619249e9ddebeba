/** A tally is what the callers of one run were told, and when. */
import type { Millis } from '@carom/core';
import { classify, outcomeOf } from '@carom/postgres';
import { ledger } from '@carom/testing';

/** One call on its way. */
interface Call {
  readonly id: string;
  readonly caller: number;
  readonly at: Millis;
  readonly writes: boolean;
  /** Whether it was on its way when the server broke. */
  wasHit: boolean;
}

/** Successes and errors are counted per so many ms. */
export const stretch: Millis = 250;

/** A bare client's error says nothing of the outcome. What a careful person would read from it: */
const careful = (error: unknown): string => classify(error, { phase: 'statement' }).outcome;

function increment(counts: number[], at: number): void {
  while (counts.length <= at) counts.push(0);
  counts[at] = (counts[at] ?? 0) + 1;
}

export class Tally {
  shots = 0;
  failed = 0;
  /** The caller got an error that leaves open whether it was done. */
  unknown = 0;
  /** Of these, those of calls that were not on their way when the server broke. */
  unknownElsewhere = 0;
  readonly latencies: Millis[] = [];
  readonly succeeded: number[] = [];
  readonly errors: number[] = [];
  /** What the errors said, with how often. */
  readonly said: Map<string, number> = new Map();
  /** Of those that were on their way when the server was well again: how long they waited from then on. */
  readonly served: Millis[] = [];
  /** When each caller had its first success after that. */
  readonly firstAfter: Map<number, Millis> = new Map();
  /** How many were on their way when the server was well again. */
  parked = 0;
  readonly begunAt: Millis = performance.now();
  brokenAt: Millis | undefined;
  wellAt: Millis | undefined;
  readonly #isCarom: boolean;
  readonly #ledger;
  readonly #open: Set<Call> = new Set();

  constructor(isCarom: boolean) {
    this.#isCarom = isCarom;
    this.#ledger = ledger(isCarom ? {} : { outcomeOf: () => undefined });
  }

  /** Calls on their way. */
  get open(): number {
    return this.#open.size;
  }

  /** The server breaks now. */
  broke(): void {
    this.brokenAt = performance.now();
    this.hit();
  }

  /** What is on its way now is hit by what happens to the server. */
  hit(): void {
    for (const call of this.#open) call.wasHit = true;
  }

  /** The server is well from now on. */
  well(): void {
    this.wellAt = performance.now();
    this.parked = this.#open.size;
  }

  /** Does a call, and notes how it went; never rejects. */
  async enter(
    { id, caller, writes }: Pick<Call, 'id' | 'caller' | 'writes'>,
    work: () => Promise<unknown>,
  ): Promise<void> {
    const call: Call = { id, caller, writes, at: performance.now(), wasHit: false };
    this.shots += 1;
    this.#open.add(call);
    if (writes) this.#ledger.attempt(id);
    try {
      await work();
      if (writes) this.#ledger.acknowledged(id);
      this.#succeeded(call);
    } catch (error) {
      if (writes) this.#ledger.failed(id, error);
      this.#failed(call, error);
    } finally {
      this.#open.delete(call);
    }
  }

  /** How often ids are in the database, held against what was said of them. */
  audit(found: ReadonlyMap<string, number>): {
    readonly duplicates: number;
    readonly lost: number;
    readonly denied: number;
  } {
    const { duplicates, lost, liars } = this.#ledger.audit(found).counts;
    return { duplicates, lost, denied: liars };
  }

  /** Successes per second, from a time to another. */
  rate(from: Millis, to: Millis): number {
    const first = Math.ceil((from - this.begunAt) / stretch);
    const last = Math.floor((to - this.begunAt) / stretch);
    const sum = this.succeeded.slice(first, last).reduce((a, b) => a + b, 0);
    return last > first ? sum / (((last - first) * stretch) / 1_000) : 0;
  }

  #succeeded({ at, caller }: Call): void {
    const now = performance.now();
    this.latencies.push(now - at);
    increment(this.succeeded, Math.floor((now - this.begunAt) / stretch));
    if (this.wellAt === undefined) return;
    if (at < this.wellAt) this.served.push(now - this.wellAt);
    if (!this.firstAfter.has(caller)) this.firstAfter.set(caller, now - this.wellAt);
  }

  #failed({ writes, wasHit }: Call, error: unknown): void {
    increment(this.errors, Math.floor((performance.now() - this.begunAt) / stretch));
    const outcome = this.#isCarom ? outcomeOf(error) : careful(error);
    const { code, message } = Object(error) as {
      readonly code?: string;
      readonly message?: string;
    };
    const what =
      `${code ?? ''} ${(message ?? String(error)).replace(/\s+/g, ' ').slice(-90)}`.trim();
    this.said.set(what, (this.said.get(what) ?? 0) + 1);
    // A read that was not answered has done nothing; who says nothing of a write leaves it open.
    if (!writes || (outcome !== 'unknown' && outcome !== undefined)) {
      this.failed += 1;
      return;
    }
    this.unknown += 1;
    if (!wasHit) this.unknownElsewhere += 1;
  }
}
