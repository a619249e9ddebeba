/** A virtual clock runs events as fast as the machine allows: time is what the next event says it is. */
import { nextTick } from 'node:process';
import type { Clock, Millis, Timer } from '@carom/core';
import { type Event, EventQueue } from './event-queue.js';

class VirtualTimer implements Timer, Event {
  readonly at: Millis;
  readonly order: number;
  readonly #armed: Set<VirtualTimer>;
  readonly #callback: () => void;
  /** Whether somebody waits for it. */
  held = true;

  constructor(at: Millis, order: number, callback: () => void, armed: Set<VirtualTimer>) {
    this.at = at;
    this.order = order;
    this.#callback = callback;
    this.#armed = armed;
    armed.add(this);
  }

  /** A cancelled one stays in the queue, where it is found to be none when its time comes. */
  readonly run = (): void => {
    if (this.#armed.delete(this)) this.#callback();
  };

  cancel(): void {
    this.#armed.delete(this);
  }

  ref(): void {
    this.held = true;
  }

  unref(): void {
    this.held = false;
  }
}

/** A clock for a whole simulated world: the engine's timers and the world's own events in one queue. */
export class VirtualClock implements Clock {
  readonly #queue = new EventQueue();
  readonly #armed: Set<VirtualTimer> = new Set();
  readonly #turn: (done: () => void) => void;
  #now: Millis = 0;
  #order = 0;

  /**
   * @param turn calls back when what an event has set off is done. Default: when no promise job is left, as `run` begins in one. What has
   * ticks of its own (`process.nextTick`) wants a turn of the event loop (`setImmediate`), which costs three times as much.
   */
  constructor(turn: (done: () => void) => void = nextTick) {
    this.#turn = turn;
  }

  now(): Millis {
    return this.#now;
  }

  after(delay: Millis, callback: () => void): Timer {
    const at = this.#now + Math.max(0, delay);
    const timer = new VirtualTimer(at, this.#order++, callback, this.#armed);
    if (at !== Number.POSITIVE_INFINITY) this.#queue.push(timer);
    return timer;
  }

  block(delay: Millis): void {
    this.#now += Math.max(0, delay);
  }

  /** Timers that would keep a process alive; what the world itself does is not counted. */
  get pending(): number {
    let pending = 0;
    for (const timer of this.#armed) if (timer.held) pending += 1;
    return pending;
  }

  /** An event of the world: nobody cancels it. */
  at(at: Millis, run: () => void): void {
    this.#queue.push({ at: Math.max(at, this.#now), order: this.#order++, run });
  }

  /**
   * Runs all events before `until`, as long as there is one and `isOver` does not say otherwise.
   * Between two of them every promise job has run.
   */
  async run(until: Millis, isOver: () => boolean = () => false): Promise<void> {
    // From here on this is a promise job: Node turns to its ticks when all jobs are done, those that came of jobs included.
    await Promise.resolve();
    await this.#settled();
    for (let next = this.#queue.first; next !== undefined; next = this.#queue.first) {
      if (next.at >= until || isOver()) break;
      this.#queue.pop();
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await this.#settled();
    }
    if (until !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, until);
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#turn(resolve);
    });
  }
}
