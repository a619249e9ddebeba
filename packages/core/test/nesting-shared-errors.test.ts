import {
  Cushion,
  createStrategy,
  type Strategy,
  type StrategyOptions,
  scoreboard,
  sleep,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { byPermit } from './by-permit.js';
import { caught } from './scenario.js';

const shared = new Error('the pool is closed');
const values: readonly (readonly [string, unknown])[] = [
  ['one error object', shared],
  ['equal strings', 'unavailable'],
  ['undefined', undefined],
];

type Way = (strategy: Strategy, work: () => Promise<unknown>) => Promise<unknown>;

const plays: Way = (strategy, work) => strategy.shot(work);
const ways: readonly (readonly [string, Way, StrategyOptions])[] = [
  ['at once', plays, {}],
  ['with a clock running', plays, { attemptTimeout: 60_000 }],
  ['on the slow path', plays, { signal: new AbortController().signal }],
  ['by permit', (strategy, work) => byPermit(strategy, { play: work }) as Promise<unknown>, {}],
];

/** An action that takes so long, and then throws. */
function failsAfter(
  clock: ManualClock,
  ms: number,
  error: unknown,
): (() => Promise<never>) & { calls: number } {
  const action = async (): Promise<never> => {
    action.calls += 1;
    await sleep(clock, ms);
    throw error;
  };
  action.calls = 0;
  return action;
}

describe.each(values)(
  'shots that have nothing to do with each other, and end with %s',
  (_, error) => {
    describe.each(ways)('%s', (__, way, options) => {
      test('one that began before is not inside: it takes no retries from the other', async () => {
        const clock = new ManualClock();
        const once = createStrategy({ clock, retries: 0, ...options });
        const often = createStrategy({ clock, retries: 3, jitter: false, ...options });
        const first = caught(way(once, failsAfter(clock, 200, error)));
        await clock.advance(100);
        const work = failsAfter(clock, 200, error);
        const second = caught(way(often, work));
        await clock.advance(60_000);
        expect([await first, await second]).toEqual([error, error]);
        expect(work.calls).toBe(4);
      });

      test('nor does one that somebody hears of', async () => {
        using _hears = scoreboard.on('shotStarted', () => {});
        const clock = new ManualClock();
        const once = createStrategy({ clock, retries: 0, ...options });
        const often = createStrategy({ clock, retries: 3, jitter: false, ...options });
        const first = caught(once.shot(failsAfter(clock, 200, error)));
        await clock.advance(100);
        const work = failsAfter(clock, 200, error);
        const second = caught(often.shot(work));
        await clock.advance(60_000);
        expect([await first, await second]).toEqual([error, error]);
        expect(work.calls).toBe(4);
      });
    });

    test('nor one that began before and was parked', async () => {
      const clock = new ManualClock();
      const settings = { failures: 1, lastCalls: 1, whenOpen: 'park', halfOpenAfter: 150 } as const;
      const cushion = new Cushion('c', settings, { clock });
      cushion.circuit.fail(cushion.circuit.enter());
      const once = createStrategy({ clock, retries: 0, cushion });
      const first = caught(once.shot(failsAfter(clock, 50, error)));
      await clock.advance(100);
      const work = failsAfter(clock, 200, error);
      const second = caught(createStrategy({ clock, jitter: false }).shot(work));
      await clock.advance(60_000);
      expect([await first, await second]).toEqual([error, error]);
      expect(work.calls).toBe(4);
    });

    test('nor one that an earlier attempt began and left behind', async () => {
      const clock = new ManualClock();
      const once = createStrategy({ clock, retries: 0 });
      let calls = 0;
      const work = async (): Promise<never> => {
        calls += 1;
        if (calls === 1) once.shot(failsAfter(clock, 250, error)).catch(() => {});
        await sleep(clock, 100);
        throw error;
      };
      const outer = caught(createStrategy({ clock, jitter: false }).shot(work));
      await clock.advance(60_000);
      expect(await outer).toBe(error);
      expect(calls).toBe(4);
    });

    test('what a shot inside has decided stays decided, whoever else ends with it meanwhile', async () => {
      const clock = new ManualClock();
      const once = createStrategy({ clock, retries: 0 });
      const before = caught(once.shot(failsAfter(clock, 200, error)));
      const work = failsAfter(clock, 100, error);
      const outer = caught(
        createStrategy({ clock }).shot(async () => {
          try {
            return await once.shot(work);
          } finally {
            await sleep(clock, 150);
          }
        }),
      );
      await clock.advance(60_000);
      expect([await before, await outer]).toEqual([error, error]);
      expect(work.calls).toBe(1);
    });

    test('three deep, retries do not multiply', async () => {
      const clock = new ManualClock();
      const strategy = createStrategy({ clock, retries: 3 });
      const work = failsAfter(clock, 10, error);
      const outer = strategy.shot(() => strategy.shot(() => strategy.shot(work)));
      const end = caught(outer);
      await clock.advance(3_600_000);
      expect(await end).toBe(error);
      expect(work.calls).toBe(4);
    });
  },
);
