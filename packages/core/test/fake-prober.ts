/** A prober that asks nobody: the test says when the service is back. */
import type { Prober } from '@carom/core';

export class FakeProber implements Prober {
  started = 0;
  retryAfter = 150;
  #isAsking = false;
  #twice = false;

  /** One that asks already is started by nobody. What it threw at once nobody would hear. */
  get isAsking(): boolean {
    if (this.#twice) throw new Error('started twice');
    return this.#isAsking;
  }

  start(): void {
    this.#twice ||= this.#isAsking;
    this.#isAsking = true;
    this.started += 1;
  }

  stop(): void {
    this.#isAsking = false;
  }
}
