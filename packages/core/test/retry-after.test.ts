import { createStrategy, type StrategyOptions, type Verdict } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failing, thrown, verdict, watch } from './scenario.js';

/** What an HTTP client throws. */
class Busy extends Error {
  readonly after: number | undefined;

  constructor(after?: number) {
    super('503');
    this.after = after;
  }
}

const retryAfter = (error: unknown): number | undefined => (error as Busy).after;
const asked = (after: number): Verdict => ({ ...verdict('outage'), retryAfter: after });

/** The delays of a shot whose attempts fail with these, and what became of it. */
async function delaysOf(
  errors: readonly unknown[],
  options: StrategyOptions,
): Promise<{ readonly delays: readonly number[]; readonly state: string; readonly at: number }> {
  const clock = new ManualClock();
  const delays: number[] = [];
  const strategy = createStrategy({
    clock,
    jitter: false,
    onRetry: ({ delay }) => delays.push(delay),
    ...options,
  });
  let at = -1;
  const shot = strategy.shot(failing(errors, 'done'));
  const result = watch(
    shot.finally(() => {
      at = clock.now();
    }),
  );
  await clock.advance(100_000);
  expect(clock.pending).toBe(0);
  return { delays, state: result.state, at };
}

describe('retryAfter: how long the server asked to wait', () => {
  test('no bounce comes earlier; where it asks for less, the backoff holds', async () => {
    const errors = [new Busy(1_500), new Busy(50), new Busy(), new Busy(0)];
    expect(await delaysOf(errors, { retries: 4, retryAfter })).toEqual({
      delays: [1_500, 200, 400, 800],
      state: 'fulfilled',
      at: 2_900,
    });
  });

  test('from the judgement of the strategy or of the shot; the option comes first', async () => {
    const error = new Busy(300);
    expect((await delaysOf([error], { classify: () => asked(700) })).delays).toEqual([700]);
    expect((await delaysOf([error], { classify: () => asked(700), retryAfter })).delays).toEqual([
      300,
    ]);
    const silent = new Busy();
    expect((await delaysOf([silent], { classify: () => asked(700), retryAfter })).delays).toEqual([
      700,
    ]);
    const clock = new ManualClock();
    const delays: number[] = [];
    const strategy = createStrategy({ clock, onRetry: ({ delay }) => delays.push(delay) });
    const result = watch(
      strategy.play({ play: failing([error], 'done'), judge: () => asked(900) }),
    );
    await clock.advance(900);
    expect([result.value, delays]).toEqual(['done', [900]]);
  });

  test.each([
    ['maxDelay', { maxDelay: 1_000 }, 1_000],
    ['maxDelay by default', {}, 30_000],
    ['patience', { patience: 400 }, 400],
  ])(
    'no longer than %s: just so long it waits, and any longer it stops at once',
    async (_, options, most) => {
      const fits = await delaysOf([new Busy(most)], { retryAfter, ...options });
      expect(fits).toEqual({ delays: [most], state: 'fulfilled', at: most });
      const longer = await delaysOf([new Busy(most + 1)], { retryAfter, ...options });
      expect(longer).toEqual({ delays: [], state: 'rejected', at: 0 });
    },
  );

  test('of the patience, what is left counts', async () => {
    const errors = [new Busy(300), new Busy(150)];
    const options = { retryAfter, patience: 400, baseDelay: 10 };
    expect(await delaysOf(errors, options)).toMatchObject({
      delays: [300],
      state: 'rejected',
      at: 300,
    });
    expect(await delaysOf([new Busy(300), new Busy(100)], options)).toMatchObject({
      delays: [300, 100],
      state: 'fulfilled',
    });
  });

  test('the last error comes back as it is, and says why it stopped', async () => {
    const error = new Busy(31_000);
    let why = '';
    const result = watch(
      createStrategy({ retryAfter }).play({
        play: failing([error], 'done'),
        conclude: (it, end) => {
          why = end.why;
          return it;
        },
      }),
    );
    await new ManualClock().settle();
    expect(result.error).toBe(error);
    expect(why).toContain('31000 ms');
  });

  test('the timeout rings while it waits', async () => {
    expect(await delaysOf([new Busy(5_000)], { retryAfter, timeout: 200 })).toMatchObject({
      delays: [],
      state: 'rejected',
    });
  });

  test('is asked with the error alone, and not about what will not be played again', async () => {
    const seen: unknown[][] = [];
    const note = (...args: readonly unknown[]): undefined => void seen.push([...args]);
    const errors = [new Busy(), new Busy(), new Busy()];
    await delaysOf(errors, { retries: 1, retryAfter: note });
    expect(seen.map(([error]) => error)).toEqual(expect.arrayContaining([errors[0]]));
    expect(seen.every((args) => args.length === 1)).toBe(true);
    seen.length = 0;
    await delaysOf([], { retryAfter: note, whenResult: (value) => value === 'never' });
    expect(seen).toEqual([]);
  });

  test('a result that does not satisfy is no error to ask about', async () => {
    const clock = new ManualClock();
    let calls = 0;
    const strategy = createStrategy({
      clock,
      jitter: false,
      whenResult: (value) => value !== 3,
      retryAfter: () => {
        throw new Error('not asked');
      },
    });
    const result = watch(strategy.shot(() => ++calls));
    await clock.advance(1_000);
    expect(result).toEqual({ state: 'fulfilled', value: 3 });
  });

  test('the same in a synchronous shot', () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, retryAfter, jitter: false });
    const errors = [new Busy(1_500), new Busy(40_000)];
    let calls = 0;
    const action = (): never => {
      throw errors[calls++];
    };
    expect(thrown(() => strategy.shotSync(action))).toBe(errors[1]);
    expect([calls, clock.now()]).toEqual([2, 1_500]);
  });
});

describe('a retryAfter that is none', () => {
  test.each([Number.NaN, -5, Number.NEGATIVE_INFINITY, null, undefined, 'soon', {}, true && 0])(
    '%p: the backoff alone',
    async (value) => {
      const options = { retryAfter: () => value as number };
      expect(await delaysOf([new Busy()], options)).toMatchObject({
        delays: [100],
        state: 'fulfilled',
      });
    },
  );

  test('that never ends: stops at once', async () => {
    const options = { retryAfter: () => Number.POSITIVE_INFINITY };
    expect(await delaysOf([new Busy()], options)).toEqual({ delays: [], state: 'rejected', at: 0 });
  });

  test('a text is no number of milliseconds', async () => {
    const options = { retryAfter: () => '5000' as never };
    const { delays, state } = await delaysOf([new Busy()], options);
    expect(state).toBe('fulfilled');
    for (const delay of delays) expect(typeof delay).toBe('number');
  });

  test('that throws: stops, with the error of the work', async () => {
    const error = new Busy();
    const strategy = createStrategy({
      retryAfter: () => {
        throw new Error('of the function');
      },
    });
    const action = failing([error], 'done');
    await expect(strategy.shot(action)).rejects.toBe(error);
    expect(action.calls).toBe(1);
  });
});

test('no bounce comes earlier than asked, whatever the rules', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.constantFrom('decorrelated' as const, 'full' as const, 'none' as const),
      fc.integer({ min: 0, max: 2_500 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (afters, jitter, maxDelay, chance) => {
        const errors = afters.map((after) => new Busy(after));
        const options = { retries: 9, retryAfter, jitter, maxDelay, random: () => chance };
        const { delays, state } = await delaysOf(errors, options);
        const cut = afters.findIndex((after) => (after ?? 0) > maxDelay);
        expect(state).toBe(cut < 0 ? 'fulfilled' : 'rejected');
        expect(delays).toHaveLength(cut < 0 ? afters.length : cut);
        for (const [n, delay] of delays.entries()) {
          expect(delay).toBeGreaterThanOrEqual(afters[n] ?? 0);
          expect(delay).toBeLessThanOrEqual(maxDelay);
        }
      },
    ),
    { numRuns: 30 },
  );
});
