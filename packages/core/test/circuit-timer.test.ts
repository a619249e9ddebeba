/** The one timer of a circuit (circuit breaker), and what a permit and a refusal may not look at. */
import {
  type Clock,
  Cushion,
  type CushionOptions,
  isCaromError,
  type Millis,
  type Timer,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import type { Circuit } from '../src/breaker/circuit.js';
import { watch } from './scenario.js';

/** Counts what is asked of it. */
class CountingClock extends ManualClock {
  looks = 0;
  armed = 0;

  override now(): Millis {
    this.looks += 1;
    return super.now();
  }

  override after(delay: Millis, callback: () => void): Timer {
    this.armed += 1;
    return super.after(delay, callback);
  }
}

function setup(options: CushionOptions = {}): { clock: CountingClock; circuit: Circuit } {
  const clock = new CountingClock();
  const rules = { failures: 1, lastCalls: 10, halfOpenAfter: 1_000, probeLease: 500, ...options };
  const source: { clock: Clock; random: () => number } = { clock, random: () => 0 };
  return { clock, circuit: new Cushion('orders', rules, source).circuit };
}

const trip = (circuit: Circuit): void => circuit.fail(circuit.enter());

describe('the timer of a circuit', () => {
  test('is armed once, however often it opens and closes meanwhile, and keeps nothing alive', () => {
    const { clock, circuit } = setup();
    for (let n = 0; n < 100; n++) {
      trip(circuit);
      circuit.close();
    }
    expect([clock.armed, clock.pending]).toEqual([1, 0]);
  });

  test('that is left of an earlier time lets nobody in before the later one is over', async () => {
    const { clock, circuit } = setup({ whenOpen: 'park' });
    trip(circuit);
    await clock.advance(400);
    circuit.close();
    trip(circuit);
    const waiting = watch(Promise.resolve(circuit.admit(60_000)));
    await clock.advance(999);
    expect([waiting.state, circuit.state, circuit.retryAfter]).toEqual(['pending', 'open', 1]);
    await clock.advance(1);
    expect([waiting.state, circuit.state]).toEqual(['fulfilled', 'half-open']);
  });

  test('that is left rings for nobody', async () => {
    const { clock, circuit } = setup();
    trip(circuit);
    circuit.isolate();
    await clock.advance(1_000);
    const before = clock.looks;
    expect([circuit.enter(), clock.looks - before, clock.armed]).toEqual([0, 0, 1]);
    circuit.close();
    trip(circuit);
    expect(clock.armed).toBe(2);
  });

  test('is armed anew for what comes sooner', async () => {
    const { clock, circuit } = setup({ whenOpen: 'park' });
    trip(circuit);
    const waiting = [1, 2, 3].map(() => watch(Promise.resolve(circuit.admit(60_000))));
    const admitted = (): number => waiting.filter(({ state }) => state === 'fulfilled').length;
    circuit.close();
    await clock.settle();
    expect(admitted()).toBe(1);
    await clock.advance(49);
    expect(admitted()).toBe(1);
    await clock.advance(1);
    expect([admitted(), clock.pending]).toEqual([3, 0]);
  });

  test('is held from the first that waits to the last', async () => {
    const { clock, circuit } = setup({ whenOpen: 'park' });
    trip(circuit);
    expect(clock.pending).toBe(0);
    const leaving = new AbortController();
    const waiting = watch(Promise.resolve(circuit.admit(60_000, leaving.signal)));
    // And the end of its patience.
    expect(clock.pending).toBe(2);
    leaving.abort();
    await clock.settle();
    expect([waiting.state, clock.pending, circuit.state]).toEqual(['rejected', 0, 'open']);
    await clock.advance(1_000);
    expect(circuit.enter()).not.toBe(0);
  });
});

describe('how often the clock is read', () => {
  test('not by a permit, by each 64th success, by a failure once, by a refusal once', () => {
    const { clock, circuit } = setup({ failures: undefined, lastCalls: undefined });
    clock.looks = 0;
    for (let n = 0; n < 63; n++) circuit.succeed(circuit.enter());
    expect(clock.looks).toBe(0);
    circuit.succeed(circuit.enter());
    expect(clock.looks).toBe(1);
    trip(circuit);
    expect([circuit.state, clock.looks]).toEqual(['closed', 2]);
    for (let n = 0; n < 19; n++) trip(circuit);
    expect(circuit.state).toBe('open');
    const before = clock.looks;
    expect([circuit.enter(), clock.looks - before]).toEqual([0, 0]);
    expect(isCaromError(circuit.admit())).toBe(true);
    expect(clock.looks - before).toBe(1);
  });

  test('what it has not counted yet is in what it says and decides', () => {
    const { circuit } = setup({ failures: 2, lastCalls: 4 });
    circuit.fail(circuit.enter());
    for (let n = 0; n < 3; n++) circuit.succeed(circuit.enter());
    // The first is not among the last four any more.
    circuit.fail(circuit.enter());
    circuit.succeed(circuit.enter());
    expect([circuit.state, circuit.recent]).toEqual(['closed', { failed: 1, total: 4 }]);
    for (let n = 0; n < 3; n++) circuit.succeed(circuit.enter());
    expect(circuit.recent.failed).toBe(0);
  });
});
