/** Decisions are what Carom did in a run, as the scoreboard told of it: its events, and no other source. */
import type { CushionState, FailedOutcome, VerdictKind } from '@carom/core';
import { scoreboard } from '@carom/postgres';
import { Stretches, stretch } from './stretches.js';

/** From when on, in ms from the beginning of the run, a circuit was in a state. */
export interface CircuitChange {
  readonly at: number;
  readonly state: CushionState;
}

/** A lost COMMIT that was settled. */
export interface Settled {
  readonly at: number;
  readonly outcome: 'committed' | 'rolled-back';
  readonly why: string;
}

/** A write of which nobody can say whether it was done. */
export interface Unknown {
  readonly at: number;
  readonly why: string;
}

/** What the page shows of them. Where it is numbers, there is one for each stretch. */
export interface DecisionsShown {
  readonly circuit: readonly CircuitChange[];
  /** Attempts that were played again. */
  readonly retries: readonly number[];
  /** The most shots that waited at once. */
  readonly waiting: readonly number[];
  readonly discarded: readonly number[];
  readonly settled: readonly Settled[];
  readonly unknown: readonly Unknown[];
  readonly totals: {
    /** By what the failure meant. */
    readonly retries: Readonly<Partial<Record<VerdictKind, number>>>;
    /** Shots that waited. */
    readonly parked: number;
    readonly discarded: number;
    readonly drained: number;
    readonly failed: Readonly<Partial<Record<FailedOutcome, number>>>;
  };
}

const states = {
  circuitOpened: 'open',
  circuitHalfOpened: 'half-open',
  circuitClosed: 'closed',
  circuitIsolated: 'isolated',
} as const;

function addTo<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** From when on so many waited. */
interface Level {
  readonly at: number;
  readonly count: number;
}

/** The highest level in each stretch, which may be the one that it began with. */
export function highest(levels: readonly Level[], runMs: number): readonly number[] {
  let count = 0;
  let next = 0;
  return Array.from({ length: Math.ceil(runMs / stretch) }, (_, index) => {
    let most = count;
    for (let level = levels[next]; level !== undefined; level = levels[next]) {
      if (level.at >= (index + 1) * stretch) break;
      count = level.count;
      most = Math.max(most, count);
      next += 1;
    }
    return most;
  });
}

/** Listens from when it is made until it is closed. */
export class Decisions {
  readonly #now: () => number;
  readonly #listening = new AbortController();
  readonly #circuit: CircuitChange[] = [{ at: 0, state: 'closed' }];
  readonly #waiting = new Set<number>();
  readonly #levels: Level[] = [];
  readonly #retriesAt: Stretches = new Stretches();
  readonly #discardedAt: Stretches = new Stretches();
  readonly #settled: Settled[] = [];
  readonly #unknown: Unknown[] = [];
  readonly #retries: Partial<Record<VerdictKind, number>> = {};
  readonly #failed: Partial<Record<FailedOutcome, number>> = {};
  #parked = 0;
  #discarded = 0;
  #drained = 0;
  /** Attempts that were played again. */
  retries = 0;

  /** `now` is in ms from the beginning of the run. */
  constructor(now: () => number) {
    this.#now = now;
    const on: typeof scoreboard.on = (event, listener) =>
      scoreboard.on(event, listener, { signal: this.#listening.signal });
    for (const event of Object.keys(states) as (keyof typeof states)[]) {
      on(event, () => this.#circuit.push({ at: now(), state: states[event] }));
    }
    on('shotRetry', ({ verdict }) => {
      this.retries += 1;
      this.#retriesAt.add(now());
      addTo(this.#retries, verdict.kind);
    });
    on('shotParked', ({ id }) => this.#parks(id));
    on('shotReleased', ({ id }) => this.#leaves(id));
    on('shotRejected', ({ id }) => this.#leaves(id));
    on('shotFailed', ({ id, outcome }) => {
      this.#leaves(id);
      addTo(this.#failed, outcome);
    });
    on('connectionDiscarded', () => {
      this.#discarded += 1;
      this.#discardedAt.add(now());
    });
    on('poolDrained', () => {
      this.#drained += 1;
    });
    on('outcomeResolved', ({ outcome, why }) => this.#settled.push({ at: now(), outcome, why }));
    on('outcomeUnknown', ({ why }) => this.#unknown.push({ at: now(), why }));
  }

  /** The state that the circuit is in now. */
  get circuit(): CushionState {
    return this.#circuit.at(-1)?.state ?? 'closed';
  }

  /** How many shots wait now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  close(): void {
    this.#listening.abort();
  }

  /** Those of a run of that length. */
  of(runMs: number): DecisionsShown {
    return {
      circuit: this.#circuit,
      retries: this.#retriesAt.of(runMs),
      waiting: highest(this.#levels, runMs),
      discarded: this.#discardedAt.of(runMs),
      settled: this.#settled,
      unknown: this.#unknown,
      totals: {
        retries: this.#retries,
        parked: this.#parked,
        discarded: this.#discarded,
        drained: this.#drained,
        failed: this.#failed,
      },
    };
  }

  #parks(id: number): void {
    if (this.#waiting.has(id)) return;
    this.#parked += 1;
    this.#waiting.add(id);
    this.#levels.push({ at: this.#now(), count: this.#waiting.size });
  }

  #leaves(id: number): void {
    if (!this.#waiting.delete(id)) return;
    this.#levels.push({ at: this.#now(), count: this.#waiting.size });
  }
}
