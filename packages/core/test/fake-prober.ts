/** A prober that asks nobody: the test says when the service is back. */
import type { Prober } from '@carom/core';

export class FakeProber implements Prober {
  isAsking = false;
  started = 0;
  retryAfter = 150;

  start(): void {
    // One that asks already is started by nobody.
    if (this.isAsking) throw new Error('started twice');
    this.isAsking = true;
    this.started += 1;
  }

  stop(): void {
    this.isAsking = false;
  }
}
