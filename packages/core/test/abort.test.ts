import { getEventListeners } from 'node:events';
import { type Attempt, Cushion, createStrategy, ShotTimeoutError } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, deferred, failing, never, verdict, watch } from './scenario.js';

const reasons: readonly unknown[] = [
  new DOMException('stop', 'AbortError'),
  new Error('shutdown'),
  new ShotTimeoutError('attempt', 5),
  'stop',
  0,
];

function setup(): {
  clock: ManualClock;
  controller: AbortController;
  expectNothingLeft: () => void;
} {
  const clock = new ManualClock();
  const controller = new AbortController();
  const expectNothingLeft = (): void => {
    expect(clock.pending).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  };
  return { clock, controller, expectNothingLeft };
}

describe.each(reasons)(
  "the caller's abort with %p reaches the caller at once, as it is",
  (reason) => {
    test('aborted before: nothing is played, and no permit taken', async () => {
      const { clock, controller, expectNothingLeft } = setup();
      controller.abort(reason);
      const action = failing([], 'done');
      const cushion = new Cushion('a', { failures: 1, halfOpenAfter: 10 }, { clock });
      cushion.circuit.fail(cushion.circuit.enter());
      await clock.advance(10);
      const strategy = createStrategy({ clock, cushion, timeout: 1_000, retries: 9 });
      expect(await caught(strategy.shot(action, { signal: controller.signal }))).toBe(reason);
      expect(action.calls).toBe(0);
      expect(cushion.state).toBe('open');
      expectNothingLeft();
    });

    test('during an attempt: its signal aborts with the same reason, and nothing is played again', async () => {
      const { clock, controller, expectNothingLeft } = setup();
      let attempt: Attempt | undefined;
      let calls = 0;
      const action = (it: Attempt): Promise<never> => {
        attempt = it;
        calls += 1;
        return never();
      };
      const strategy = createStrategy({ clock, timeout: 1_000, attemptTimeout: 500 });
      const result = watch(strategy.shot(action, { signal: controller.signal }));
      await clock.settle();
      expect(attempt?.signal.aborted).toBe(false);
      controller.abort(reason);
      await clock.settle();
      expect(result).toEqual({ state: 'rejected', error: reason });
      expect(attempt?.signal.aborted).toBe(true);
      expect(attempt?.signal.reason).toBe(reason);
      expectNothingLeft();
      await clock.advance(60_000);
      expect(calls).toBe(1);
    });

    test('by the action itself, before its first promise', async () => {
      const { clock, controller, expectNothingLeft } = setup();
      const action = (): Promise<never> => {
        controller.abort(reason);
        return never();
      };
      const result = watch(createStrategy({ clock }).shot(action, { signal: controller.signal }));
      await clock.settle();
      expect(result).toEqual({ state: 'rejected', error: reason });
      expectNothingLeft();
    });

    test('during a delay', async () => {
      const { clock, controller, expectNothingLeft } = setup();
      const action = failing([new Error('x')], 'done');
      const result = watch(
        createStrategy({ clock, timeout: 9_000 }).shot(action, { signal: controller.signal }),
      );
      await clock.settle();
      expect(clock.pending).toBe(1);
      controller.abort(reason);
      await clock.settle();
      expect(result).toEqual({ state: 'rejected', error: reason });
      expect(action.calls).toBe(1);
      expectNothingLeft();
    });

    test('while parked, before and after a first attempt', async () => {
      const { clock, controller, expectNothingLeft } = setup();
      const cushion = new Cushion(
        'a',
        { failures: 1, whenOpen: 'park', halfOpenAfter: 60_000 },
        { clock },
      );
      const strategy = createStrategy({ clock, cushion, signal: controller.signal });
      const action = failing([new Error('x')], 'done');
      const first = watch(strategy.shot(action));
      await clock.advance(1_000);
      const second = watch(strategy.shot(action));
      await clock.settle();
      expect(cushion.parked).toBe(2);
      controller.abort(reason);
      await clock.settle();
      expect(first).toEqual({ state: 'rejected', error: reason });
      expect(second).toEqual({ state: 'rejected', error: reason });
      expect(action.calls).toBe(1);
      expect(cushion.parked).toBe(0);
      expectNothingLeft();
    });

    test('in the moment between leaving the parking and the attempt: nothing is played', async () => {
      const { clock, controller, expectNothingLeft } = setup();
      const options = { failures: 1, whenOpen: 'park', halfOpenAfter: 60_000, probes: 1 } as const;
      const cushion = new Cushion('a', options, { clock });
      cushion.circuit.fail(cushion.circuit.enter());
      const strategy = createStrategy({ clock, cushion });
      const action = failing([], 'done');
      const result = watch(strategy.shot(action, { signal: controller.signal }));
      await clock.settle();
      cushion.close();
      controller.abort(reason);
      await clock.settle();
      expect(result).toEqual({ state: 'rejected', error: reason });
      expect(action.calls).toBe(0);
      expectNothingLeft();
    });

    test('while the connection of a failed attempt is being discarded', async () => {
      const { clock, controller, expectNothingLeft } = setup();
      const retried: unknown[] = [];
      const shot = { play: failing([new Error('x')], 'done'), discard: never };
      const strategy = createStrategy({ clock, onRetry: (event) => retried.push(event) });
      const result = watch(strategy.play(shot, { signal: controller.signal }));
      await clock.settle();
      controller.abort(reason);
      await clock.settle();
      expect(result).toEqual({ state: 'rejected', error: reason });
      expect(retried).toEqual([]);
      expectNothingLeft();
    });

    test('shouldBounce has no say, even where the judge takes it for an outage', async () => {
      const { clock, controller } = setup();
      const strategy = createStrategy({
        clock,
        shouldBounce: () => true,
        classify: () => verdict('outage'),
      });
      const result = watch(strategy.shot(never, { signal: controller.signal }));
      controller.abort(reason);
      await clock.advance(60_000);
      expect(result).toEqual({ state: 'rejected', error: reason });
    });
  },
);

describe('without an abort', () => {
  test('a shot that succeeds leaves no listener behind', async () => {
    const { clock, controller, expectNothingLeft } = setup();
    const strategy = createStrategy({ clock, timeout: 1_000 });
    const result = watch(
      strategy.shot(failing([new Error('x')], 'done'), { signal: controller.signal }),
    );
    await clock.advance(900);
    expect(result.value).toBe('done');
    expectNothingLeft();
  });

  test('an abort after the end changes nothing', async () => {
    const { clock, controller } = setup();
    let attempt: Attempt | undefined;
    const action = (it: Attempt): string => {
      attempt = it;
      return 'done';
    };
    expect(await createStrategy({ clock }).shot(action, { signal: controller.signal })).toBe(
      'done',
    );
    controller.abort();
    expect(attempt?.signal.aborted).toBe(false);
  });

  test('an abort that comes with the error: the shot is cancelled, and nobody is told of a bounce', async () => {
    const { clock, controller, expectNothingLeft } = setup();
    const reason = new Error('shutdown');
    const gate = deferred<never>();
    const retried: unknown[] = [];
    const strategy = createStrategy({ clock, onRetry: (event) => retried.push(event) });
    const result = watch(strategy.shot(() => gate.promise, { signal: controller.signal }));
    await clock.settle();
    gate.reject(new Error('x'));
    await Promise.resolve();
    controller.abort(reason);
    await clock.settle();
    expect(result).toEqual({ state: 'rejected', error: reason });
    expect(retried).toEqual([]);
    expectNothingLeft();
  });

  test('a late success of an abandoned attempt is dropped', async () => {
    const { clock, controller } = setup();
    const gate = deferred<string>();
    const result = watch(
      createStrategy({ clock }).shot(() => gate.promise, { signal: controller.signal }),
    );
    controller.abort('stop');
    gate.resolve('late');
    await clock.settle();
    expect(result).toEqual({ state: 'rejected', error: 'stop' });
  });
});
