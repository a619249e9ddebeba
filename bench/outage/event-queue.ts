/** An event queue gives out what is to happen, the earliest first: a binary heap. */
import type { Millis } from '@carom/core';

/** Something that happens at an instant. Of two at the same instant the older one comes first. */
export interface Event {
  readonly at: Millis;
  readonly order: number;
  readonly run: () => void;
}

const isBefore = (a: Event, b: Event): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

export class EventQueue {
  readonly #heap: Event[] = [];

  get first(): Event | undefined {
    return this.#heap[0];
  }

  push(event: Event): void {
    const heap = this.#heap;
    let hole = heap.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as Event;
      if (isBefore(above, event)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = event;
  }

  /** Takes the first one out. */
  pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let hole = 0;
    for (;;) {
      const left = hole * 2 + 1;
      if (left >= heap.length) break;
      const [a, b] = [heap[left] as Event, heap[left + 1]];
      const child = b !== undefined && isBefore(b, a) ? b : a;
      if (isBefore(last, child)) break;
      heap[hole] = child;
      hole = child === a ? left : left + 1;
    }
    heap[hole] = last;
    return first;
  }
}
