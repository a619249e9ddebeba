import { Cushion, createStrategy, type Shot, type Strategy, type VerdictKind } from '@carom/core';
import { ManualClock, seededRandom } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Compartment } from '../src/bulkhead/compartment.js';
import { Throttle } from '../src/rate-limit/throttle.js';
import { Budget } from '../src/retry/budget.js';
import { byPermit } from './by-permit.js';
import { verdict } from './scenario.js';

const byPlay = <T>(strategy: Strategy, shot: Shot<T>): Promise<T> => strategy.play(shot);

type Step =
  | { readonly does: 'shoot'; readonly fails: readonly VerdictKind[]; readonly takes: number }
  | { readonly does: 'wait'; readonly ms: number };

const kind: fc.Arbitrary<VerdictKind> = fc.constantFrom(
  'outage',
  'outage',
  'contention',
  'overload',
  'stale',
  'permanent',
);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('shoot' as const),
        fails: fc.array(kind, { maxLength: 4 }),
        takes: fc.constantFrom(0, 0, 5, 300),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constant('wait' as const),
        ms: fc.constantFrom(1, 100, 999),
      }),
    },
  ),
  { maxLength: 30, size: 'max' },
);

/** Everything that can be seen of a script that is played in one of the two ways. */
async function history(script: readonly Step[], play: typeof byPlay): Promise<unknown> {
  const clock = new ManualClock();
  const random = seededRandom(7);
  const log: unknown[] = [];
  const cushion = new Cushion(
    'c',
    { failures: 3, lastCalls: 6, halfOpenAfter: 500 },
    { clock, random },
  );
  cushion.onChange((state) => log.push([clock.now(), state]));
  const compartment = new Compartment('c', { limit: 3, maxQueued: 2 }, { clock });
  const throttle = new Throttle('t', { rate: 20, maxQueued: 2 }, { clock });
  const budget = new Budget('b', { ratio: 0.5, perSecond: 1 }, { clock });
  const strategy = createStrategy({
    clock,
    random,
    cushion,
    compartment,
    throttle,
    budget,
    patience: 2_000,
    onRetry: ({ operation, attempt, delay }) => log.push([clock.now(), operation, attempt, delay]),
  });
  for (const [n, step] of script.entries()) {
    if (step.does === 'wait') await clock.advance(step.ms);
    else {
      const { fails, takes } = step;
      const shot: Shot<string> = {
        name: `${n}`,
        play: async ({ attempt }) => {
          log.push([clock.now(), n, 'attempt', attempt]);
          if (takes > 0) await new Promise<void>((resolve) => void clock.after(takes, resolve));
          const failure = fails[attempt - 1];
          if (failure !== undefined) throw new Error(failure);
          return `${n} done`;
        },
        judge: (error) => verdict((error as Error).message as VerdictKind),
        conclude: (error, { attempts, outcome, why }) => {
          log.push([clock.now(), n, 'concluded', attempts, outcome, why]);
          return error;
        },
      };
      play(strategy, shot).then(
        (value) => log.push([clock.now(), n, value]),
        (error: Error) => log.push([clock.now(), n, error.message]),
      );
      await clock.settle();
    }
    log.push([
      cushion.state,
      compartment.active,
      compartment.queued,
      throttle.retryAfter,
      budget.available(clock.now(), 'outage'),
      budget.available(clock.now(), 'contention'),
    ]);
  }
  await clock.advance(3_600_000);
  expect([compartment.active, clock.pending]).toEqual([0, 0]);
  return log;
}

/** Who of those that end at the same moment hears of it first is no matter. */
const inOrderOfTime = (log: unknown): readonly string[] =>
  (log as readonly unknown[]).map((line) => JSON.stringify(line)).sort();

test('the permit path is in everything the same as `play`', async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const played = await history(script, byPlay);
      const permitted = await history(script, byPermit);
      expect(inOrderOfTime(permitted)).toEqual(inOrderOfTime(played));
      seen += (played as readonly unknown[]).length;
    }),
    { numRuns: 150 },
  );
  expect(seen).toBeGreaterThan(1_000);
});
