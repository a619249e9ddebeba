/** Generations tell the connections made before a failover from those made after it, so that one incident drains once. */
import { processWide } from '@carom/core';

/** The generations of one pool. */
export class Generations {
  #current = 0;
  readonly #births: WeakMap<object, number> = new WeakMap();

  /** A connection was made, or is seen for the first time. */
  born(connection: object): void {
    if (!this.#births.has(connection)) this.#births.set(connection, this.#current);
  }

  /** Whether the pool was drained after the connection was made. */
  isOld(connection: object): boolean {
    return (this.#births.get(connection) ?? 0) < this.#current;
  }

  /**
   * Begins the next one, because of what `connection` met. False when that is of an old one: the pool was drained for the
   * same incident already.
   */
  next(connection: object | undefined): boolean {
    if (connection !== undefined && this.isOld(connection)) return false;
    this.#current += 1;
    return true;
  }
}

const all: WeakMap<object, Generations> = processWide('generations', () => new WeakMap());

/** Those of a pool, whoever asks. */
export function generationsOf(pool: object): Generations {
  let generations = all.get(pool);
  if (generations === undefined) {
    generations = new Generations();
    all.set(pool, generations);
  }
  return generations;
}
