/** A relay tells how a promise ended: its handlers are made once and used again (object pool), where closures would be made for each. */
import { FreeList, nativePromise, type Reusable } from '@carom/core';

/** Who is told, once. */
export interface Hearer<V, R> {
  fulfilled(value: V): R | PromiseLike<R>;
  rejected(error: unknown): R | PromiseLike<R>;
}

class Relay implements Reusable<Relay> {
  nextFree: Relay | undefined;
  #hearer: Hearer<unknown, unknown> | undefined;

  begin(hearer: Hearer<unknown, unknown>): void {
    this.#hearer = hearer;
  }

  readonly fulfilled = (value: unknown): unknown => this.#end().fulfilled(value);

  readonly rejected = (error: unknown): unknown => this.#end().rejected(error);

  #end(): Hearer<unknown, unknown> {
    const hearer = this.#hearer as Hearer<unknown, unknown>;
    this.#hearer = undefined;
    relays.put(this);
    return hearer;
  }
}

const relays: FreeList<Relay> = new FreeList();

/** What `promise.then` gives, with the hearer's methods for its handlers. */
export function relay<V, R>(promise: PromiseLike<V>, hearer: Hearer<V, R>): Promise<R> {
  const record = relays.take() ?? new Relay();
  record.begin(hearer as Hearer<unknown, unknown>);
  // Only of a native promise is it certain that it calls one of them, and once.
  return nativePromise(promise).then(record.fulfilled, record.rejected) as Promise<R>;
}
