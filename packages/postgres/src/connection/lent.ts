/** The lent clients of a pool are those that somebody has: few, and taken and put back with every statement. */

/** A set that allocates nothing once it has been as large as it gets. */
export class Lent<T> implements Iterable<T> {
  // Places that are free hold undefined: an array that is emptied gives its memory back, and asks for it again.
  readonly #places: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    if (this.#find(item) !== -1) return;
    this.#places[this.#size] = item;
    this.#size += 1;
  }

  /** The last one takes its place. */
  delete(item: T): void {
    const place = this.#find(item);
    if (place === -1) return;
    this.#size -= 1;
    this.#places[place] = this.#places[this.#size];
    this.#places[this.#size] = undefined;
  }

  /** As they are now. */
  *[Symbol.iterator](): IterableIterator<T> {
    yield* this.#places.slice(0, this.#size) as T[];
  }

  #find(item: T): number {
    // Beyond the size there are no items.
    return this.#places.indexOf(item);
  }
}
