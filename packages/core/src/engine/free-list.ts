/** A free list keeps records that are used again and again (object pool), so that a shot allocates none. */

/** More than this many at once are not kept: a burst is no reason to hold its memory for ever. */
const kept = 1_000;

/** A record that can be kept. */
export interface Reusable<R> {
  nextFree: R | undefined;
}

/** Last in, first out. */
export class FreeList<R extends Reusable<R>> {
  /** One of them is kept beside the list, which costs half: most shots run alone. */
  #spare: R | undefined;
  #first: R | undefined;
  #size = 0;

  take(): R | undefined {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    const first = this.#first;
    if (first === undefined) return undefined;
    this.#first = first.nextFree;
    first.nextFree = undefined;
    this.#size -= 1;
    return first;
  }

  put(record: R): void {
    if (this.#spare === undefined) {
      this.#spare = record;
      return;
    }
    if (this.#size >= kept - 1) return;
    record.nextFree = this.#first;
    this.#first = record;
    this.#size += 1;
  }
}
