import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import {
  type Attempt,
  Cushion,
  createStrategy,
  type StrategyOptions,
  scoreboard,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import type { Millis, Timer } from '../src/clock.js';
import { deferred, never } from './scenario.js';

const context = new AsyncLocalStorage<string>();

/** Its timers ring in the context in which they were set, as those of the system do. */
class SystemLikeClock extends ManualClock {
  override after(delay: Millis, callback: () => void): Timer {
    return super.after(delay, AsyncResource.bind(callback));
  }
}

/** Runs `play` for ten callers at once, each in a context of its own; what each saw, by its name. */
async function tenCallers(
  clock: ManualClock,
  play: (see: (what: string) => void, n: number) => Promise<unknown>,
): Promise<readonly (readonly string[])[]> {
  const all: string[][] = [];
  const shots = Array.from({ length: 10 }, (_, n) =>
    context.run(`caller ${n}`, async () => {
      const seen: string[] = [];
      all.push(seen);
      const see = (what: string): unknown => seen.push(`${what}: ${context.getStore() ?? 'none'}`);
      await play(see, n).catch(() => {});
      see('after');
    }),
  );
  await clock.advance(60_000);
  await Promise.all(shots);
  return all;
}

const expected = (whats: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: 10 }, (_, n) => whats.map((what) => `${what}: caller ${n}`));

const ways: readonly (readonly [string, StrategyOptions])[] = [
  ['on the fast path', {}],
  ['on the fast path with a clock', { attemptTimeout: 50_000 }],
  ['on the slow path', { signal: new AbortController().signal }],
];

describe.each(ways)("the caller's async context, %s", (_, options) => {
  test('is that of each attempt, and of what follows', async () => {
    const clock = new SystemLikeClock();
    const gates = Array.from({ length: 10 }, () => deferred<void>());
    const strategy = createStrategy({ clock, random: () => 0, ...options });
    const all = tenCallers(clock, (see, n) =>
      strategy.shot(async ({ attempt }) => {
        see(`before ${attempt}`);
        await gates[n]?.promise;
        see(`attempt ${attempt}`);
        if (attempt < 3) throw new Error('again');
      }),
    );
    // In another order than they came, by somebody who is none of them.
    for (const gate of [...gates].reverse()) context.run('nobody', () => gate.resolve());
    expect(await all).toEqual(
      expected([
        'before 1',
        'attempt 1',
        'before 2',
        'attempt 2',
        'before 3',
        'attempt 3',
        'after',
      ]),
    );
  });

  test('is that of what it is told, and asked', async () => {
    const clock = new SystemLikeClock();
    const sees = new Map<string, (what: string) => void>();
    // Who listens to every shot is a test of its own: then there is no fast path.
    const note = (what: string): void => sees.get(context.getStore() ?? 'none')?.(what);
    using _retry = scoreboard.on('shotRetry', () => note('shotRetry'));
    const strategy = createStrategy({
      clock,
      retries: 1,
      onRetry: () => note('onRetry'),
      shouldBounce: () => void note('shouldBounce'),
      ...options,
    });
    const all = await tenCallers(clock, (see) => {
      sees.set(context.getStore() ?? 'none', see);
      return strategy.shot(() => Promise.reject(new Error('x')));
    });
    expect(all).toEqual(
      expected(['shouldBounce', 'onRetry', 'shotRetry', 'shouldBounce', 'after']),
    );
  });
});

test('listeners of every shot are told in it', async () => {
  const clock = new SystemLikeClock();
  const seen: unknown[] = [];
  const listen = (event: 'shotStarted' | 'shotCompleted' | 'shotFailed') =>
    scoreboard.on(event, () => seen.push([event, context.getStore()]));
  using _started = listen('shotStarted');
  using _completed = listen('shotCompleted');
  using _failed = listen('shotFailed');
  const strategy = createStrategy({ clock, retries: 0, attemptTimeout: 50 });
  const actions = [async () => 1, () => Promise.reject(new Error('x'))];
  for (const [n, action] of actions.entries()) {
    context.run(`caller ${n}`, () => void strategy.shot(action).catch(() => {}));
  }
  await clock.advance(1_000);
  expect(seen).toEqual([
    ['shotStarted', 'caller 0'],
    ['shotStarted', 'caller 1'],
    ['shotCompleted', 'caller 0'],
    ['shotFailed', 'caller 1'],
  ]);
});

describe('an attempt that one clock ends for many', () => {
  const bothPaths: readonly (readonly [string, StrategyOptions])[] = [
    ['on the fast path', {}],
    ['on the slow path', { signal: new AbortController().signal }],
  ];

  test.each(bothPaths)(
    "%s: what follows is in its caller's context, and not in that of the first",
    async (_, more) => {
      const clock = new SystemLikeClock();
      const strategy = createStrategy({
        clock,
        attemptTimeout: 50,
        baseDelay: 0,
        retries: 2,
        ...more,
      });
      const all = await tenCallers(clock, (see) => {
        const action = ({ attempt }: Attempt): Promise<void> => {
          see(`attempt ${attempt}`);
          return attempt < 3 ? never() : Promise.resolve();
        };
        return strategy.shot(action);
      });
      expect(all).toEqual(expected(['attempt 1', 'attempt 2', 'attempt 3', 'after']));
    },
  );

  test.each(bothPaths)('%s: who is asked what the timeout means, and told', async (_, more) => {
    const clock = new SystemLikeClock();
    const sees = new Map<string, (what: string) => void>();
    const note = (what: string): void => sees.get(context.getStore() ?? 'none')?.(what);
    const strategy = createStrategy({
      clock,
      attemptTimeout: 50,
      retries: 1,
      shouldBounce: () => void note('shouldBounce'),
      onRetry: () => note('onRetry'),
      ...more,
    });
    const all = await tenCallers(clock, (see) => {
      sees.set(context.getStore() ?? 'none', see);
      return strategy.shot(() => never());
    });
    expect(all).toEqual(expected(['shouldBounce', 'onRetry', 'shouldBounce', 'after']));
  });

  test.each(bothPaths)("%s: its abort is heard in its caller's context", async (_, more) => {
    const clock = new SystemLikeClock();
    const strategy = createStrategy({ clock, attemptTimeout: 50, retries: 0, ...more });
    const all = await tenCallers(clock, (see) =>
      strategy.shot(({ signal }) => {
        signal.addEventListener('abort', () => see('abort'));
        return never();
      }),
    );
    expect(all).toEqual(expected(['abort', 'after']));
  });
});

test('who was parked, or queued at a gate, comes back in its own', async () => {
  const clock = new SystemLikeClock();
  const cushion = new Cushion(
    'c',
    { failures: 1, whenOpen: 'park', halfOpenAfter: 500 },
    { clock },
  );
  cushion.circuit.fail(cushion.circuit.enter());
  const compartment = new Compartment('c', { limit: 1, maxQueued: 100 }, { clock });
  const strategy = createStrategy({ clock, cushion, compartment });
  const all = await tenCallers(clock, (see) =>
    strategy.shot(async () => {
      see('in');
      await new Promise<void>((resolve) => void clock.after(5, resolve));
      see('out');
    }),
  );
  expect(all).toEqual(expected(['in', 'out', 'after']));
});
