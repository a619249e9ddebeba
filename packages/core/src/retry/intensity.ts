/** Intensity is how much of what is played meets contention, by kind of work (retry). */
import type { Clock, Millis } from '../clock.js';

/** What is played. */
export interface Work {
  /** The same for work of one kind. */
  signature?: (() => string | undefined) | undefined;
}

/** What is known of one kind. */
interface Kind {
  /** What is above 1 is the share of its shots that take turns from the beginning. */
  readonly level: number;
  /** When it met contention last. */
  readonly metAt: Millis;
}

/**
 * Four steps up with each attempt that meets contention and one down with each that succeeds: so the level rests where one in
 * five meets it (the weighted up-down method: Kaernbach, Perception & Psychophysics 49, 1991). More is work for nothing, which
 * a busy server feels; with fewer an idle one waits (measured from one in four to one in ten, 20 callers on two hot rows).
 */
const down = 1 / 32;
const up = 4 * down;
const highest = 2;

/** Without contention for so long a kind is forgotten, in ms. */
const memory: Millis = 1_000;

/** The kinds that met contention a moment ago; none when all is well. Adaptive scheduling of transactions as Yoo and Lee describe it. */
export class Intensity {
  readonly #clock: Clock;
  /** The one that met contention last comes last. */
  readonly #kinds: Map<string, Kind> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether there is any kind to ask for. */
  get isAny(): boolean {
    return this.#kinds.size > 0;
  }

  /** Which part of the work of its kind takes turns, from 0 to 1. */
  shareOf(work: Work): number {
    if (!this.isAny) return 0;
    this.#forget();
    return Math.max(0, this.#levelOf(kindOf(work)) - 1);
  }

  /** An attempt met contention. */
  met(work: Work): void {
    const kind = kindOf(work);
    if (kind === none) return;
    this.#forget();
    const level = Math.min(highest, this.#levelOf(kind) + up);
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { level, metAt: this.#clock.now() });
  }

  /** An attempt succeeded. */
  passed(work: Work): void {
    if (!this.isAny) return;
    const kind = kindOf(work);
    const known = this.#kinds.get(kind);
    if (known === undefined) return;
    const level = known.level - down;
    if (level > 0) this.#kinds.set(kind, { ...known, level });
    else this.#kinds.delete(kind);
  }

  #levelOf(kind: string): number {
    return this.#kinds.get(kind)?.level ?? 0;
  }

  #forget(): void {
    const until = this.#clock.now() - memory;
    for (const [kind, { metAt }] of this.#kinds) {
      if (metAt > until) return;
      this.#kinds.delete(kind);
    }
  }
}

const none = '';

function kindOf(work: Work): string {
  try {
    return work.signature?.() ?? none;
  } catch {
    return none;
  }
}
