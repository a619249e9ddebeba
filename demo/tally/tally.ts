/** The tally of one run: what was asked for, what came of it, and when. */
import type { Outcome } from '@carom/core';
import { explain } from '@carom/postgres';
import { type Ledger, ledger } from '@carom/testing';
import type { LoadWatcher } from '../load/drive.js';
import { isWrite, type Operation } from '../load/operation.js';
import { percentile } from './percentile.js';
import { Stretches } from './stretches.js';

/** What an error says became of the write. */
export type Judge = (error: unknown) => Outcome | undefined;

/** How long things took, in ms; undefined where nothing succeeded. */
export interface Times {
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly longestStall: number;
}

export class Tally implements LoadWatcher {
  readonly ledger: Ledger;
  readonly succeededAt: Stretches = new Stretches();
  readonly errorsAt: Stretches = new Stretches();
  /** Every operation that has begun, by its id. */
  readonly operations: Map<string, Operation> = new Map();
  /** What the callers of failed writes got: the evidence, should one of them be wrong. */
  readonly errors: Map<string, string> = new Map();
  readonly #judge: Judge;
  readonly #now: () => number;
  readonly #latencies: number[] = [];
  readonly #successes: number[] = [0];
  #closed = false;
  shots = 0;
  succeededCount = 0;
  failedCount = 0;
  unknownCount = 0;
  retries = 0;

  constructor(judge: Judge, now: () => number) {
    this.#judge = judge;
    this.#now = now;
    this.ledger = ledger({ outcomeOf: judge });
  }

  began(operation: Operation): void {
    this.shots += 1;
    this.operations.set(operation.id, operation);
    if (isWrite(operation)) this.ledger.attempt(operation.id);
  }

  /** What ends from now on stays as it was reported until now: pending. To be called before the database is asked. */
  close(): void {
    this.#closed = true;
  }

  succeeded(operation: Operation): void {
    if (this.#closed) return;
    const now = this.#now();
    this.succeededCount += 1;
    this.succeededAt.add(now);
    this.#latencies.push(now - operation.at);
    this.#successes.push(now);
    if (isWrite(operation)) this.ledger.acknowledged(operation.id);
  }

  failed(operation: Operation, error: unknown): void {
    if (this.#closed) return;
    this.errorsAt.add(this.#now());
    const unknown = isWrite(operation) && this.#judge(error) === 'unknown';
    if (unknown) this.unknownCount += 1;
    else this.failedCount += 1;
    if (!isWrite(operation)) return;
    this.ledger.failed(operation.id, error);
    this.errors.set(operation.id, described(operation, error));
  }

  /** The hand-written loop asks again. */
  retried(): void {
    this.retries += 1;
  }

  /** Of a run of that length. Percentiles are of successes: an error can be quick. */
  times(runMs: number): Times {
    const until = [...this.#successes.filter((at) => at < runMs), runMs];
    const gaps = until.map((at, index) => at - (until[index - 1] ?? 0));
    return {
      p50: percentile(this.#latencies, 0.5),
      p99: percentile(this.#latencies, 0.99),
      longestStall: Math.max(...gaps),
    };
  }
}

function described({ adapter, kind, id }: Operation, error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const cause =
    error instanceof Error && error.cause !== undefined ? ` <- ${String(error.cause)}` : '';
  const told = explain(error);
  const why =
    told === undefined ? '' : ` (${told.outcome}; ${told.attempts} attempts; ${told.why})`;
  return `${id} ${adapter} ${kind}: ${said}${cause}${why}`;
}
