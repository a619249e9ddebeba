/** The members of a datasource are held weakly: a client that is dropped without being closed is a member no more (weak set). */
import type { Cushion, Waiters } from '@carom/core';
import type { Connect } from '../commit/line.js';
import type { WaitingRoom } from '../connection/waiting-room.js';

/** One client, as its datasource knows it. */
export interface Member {
  /** Its circuit breaker: the datasource's, one of its own, or none. */
  readonly cushion: Cushion | undefined;
  /** How it lends a connection to the prober, where it can. */
  readonly connect: Connect | undefined;
  /** Its shots that wait. */
  readonly waiters: Waiters;
  /** Whether it was closed behind Carom's back. */
  readonly isClosed: (() => boolean) | undefined;
  /** Its attempts that wait for a connection. */
  readonly room: WaitingRoom;
}

/** Those that somebody still holds, in the order in which they came. */
export class Members implements Iterable<Member> {
  readonly #references: WeakMap<Member, WeakRef<Member>> = new WeakMap();
  readonly #all: Set<WeakRef<Member>> = new Set();

  get size(): number {
    return [...this].length;
  }

  has(member: Member): boolean {
    return this.#references.has(member);
  }

  add(member: Member): void {
    if (this.has(member)) return;
    const reference = new WeakRef(member);
    this.#references.set(member, reference);
    this.#all.add(reference);
  }

  delete(member: Member): void {
    const reference = this.#references.get(member);
    if (reference === undefined) return;
    this.#references.delete(member);
    this.#all.delete(reference);
  }

  *[Symbol.iterator](): IterableIterator<Member> {
    for (const reference of this.#all) {
      const member = reference.deref();
      if (member === undefined) this.#all.delete(reference);
      else yield member;
    }
  }
}
