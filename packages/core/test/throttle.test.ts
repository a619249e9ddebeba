import { isCaromError } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ThrottledError } from '../src/errors.js';
import { Throttle, type ThrottleOptions } from '../src/rate-limit/throttle.js';
import { caught, thrown, type Watched, watch } from './scenario.js';

const patient = Number.POSITIVE_INFINITY;

function throttled(options: ThrottleOptions, start = 0): { clock: ManualClock; it: Throttle } {
  const clock = new ManualClock(start);
  return { clock, it: new Throttle('partner-api', options, { clock }) };
}

/** How many tokens there are now; takes them all. More than 1,000 would be no limit. */
function drain(throttle: Throttle): number {
  let tokens = 0;
  while (tokens < 1_000 && throttle.tryEnter()) tokens += 1;
  return tokens;
}

describe('Throttle', () => {
  test('the defaults', () => {
    expect(new Throttle('a', { rate: 7 })).toMatchObject({
      name: 'a',
      rate: 7,
      perMs: 1_000,
      burst: 7,
      maxQueued: 0,
    });
  });

  test('a burst at first, then one each time a token comes back', async () => {
    const { clock, it } = throttled({ rate: 4, perMs: 1_000, burst: 3 });
    expect(drain(it)).toBe(3);
    await clock.advance(249);
    expect(it.tryEnter()).toBe(false);
    await clock.advance(1);
    expect(drain(it)).toBe(1);
    await clock.advance(500);
    expect(drain(it)).toBe(2);
  });

  test('what is not taken does not add up beyond the burst', async () => {
    const { clock, it } = throttled({ rate: 4, burst: 3 });
    expect(drain(it)).toBe(3);
    await clock.advance(60_000);
    expect(drain(it)).toBe(3);
    await clock.advance(600);
    it.tryEnter();
    await clock.advance(60_000);
    expect(drain(it)).toBe(3);
  });

  test('a part of a token is kept', async () => {
    const { clock, it } = throttled({ rate: 1, perMs: 100, burst: 2 });
    expect(drain(it)).toBe(2);
    await clock.advance(150);
    expect(drain(it)).toBe(1);
    await clock.advance(50);
    expect(drain(it)).toBe(1);
  });

  test('leaving gives no token back', () => {
    const { it } = throttled({ rate: 1 });
    it.tryEnter();
    it.leave();
    expect(it.tryEnter()).toBe(false);
  });

  test.each([[0], [-5_000], [1e12]])('wherever the clock begins: %d', async (start) => {
    const { clock, it } = throttled({ rate: 2 }, start);
    expect(drain(it)).toBe(2);
    await clock.advance(500);
    expect(drain(it)).toBe(1);
  });

  test('refused: the error says when to come back', async () => {
    const { clock, it } = throttled({ rate: 4, burst: 1 });
    expect(it.retryAfter).toBe(0);
    it.tryEnter();
    await clock.advance(100);
    expect(it.retryAfter).toBe(150);
    const error = await caught(it.enter(patient, undefined));
    expect(error).toBeInstanceOf(ThrottledError);
    expect(isCaromError(error)).toBe(true);
    expect(error).toMatchObject({
      name: 'ThrottledError',
      code: 'CAROM_THROTTLED',
      throttle: 'partner-api',
      retryAfter: 150,
      message:
        'the throttle (rate limit) partner-api lets 4 pass in 1000 ms, the next one in 150 ms: nothing was sent',
    });
    await clock.advance(60_000);
    expect(it.retryAfter).toBe(0);
    await it.enter(0, undefined);
  });

  test('those who wait are let in one by one as their token comes, first come first served', async () => {
    const { clock, it } = throttled({ rate: 4, burst: 1, maxQueued: 3 });
    it.tryEnter();
    const all = [1, 2, 3].map(() => watch(it.enter(patient, undefined)));
    const states = (): string => all.map(({ state }) => state[0]).join('');
    expect(it.queued).toBe(3);
    expect(it.retryAfter).toBe(1_000);
    expect(await caught(it.enter(patient, undefined))).toMatchObject({ retryAfter: 1_000 });
    await clock.advance(249);
    expect(states()).toBe('ppp');
    await clock.advance(1);
    expect(states()).toBe('fpp');
    // A newcomer does not overtake.
    expect(it.tryEnter()).toBe(false);
    await clock.advance(250);
    expect(states()).toBe('ffp');
    await clock.advance(250);
    expect(states()).toBe('fff');
    expect(it.tryEnter()).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test('a newcomer does not overtake where the timer is late, either', async () => {
    const { clock, it } = throttled({ rate: 1, perMs: 100, maxQueued: 5 });
    it.tryEnter();
    const first = watch(it.enter(patient, undefined));
    clock.block(150);
    expect(it.tryEnter()).toBe(false);
    await clock.advance(0);
    expect(first.state).toBe('fulfilled');
  });

  test('a late timer takes no token but for those who wait', async () => {
    const { clock, it } = throttled({ rate: 1, perMs: 100, burst: 3, maxQueued: 5 });
    expect(drain(it)).toBe(3);
    const only = watch(it.enter(patient, undefined));
    clock.block(250);
    await clock.advance(0);
    expect(only.state).toBe('fulfilled');
    expect(drain(it)).toBe(1);
  });

  test('one timer for the whole queue, none when it is empty', async () => {
    const { clock, it } = throttled({ rate: 1, maxQueued: 100 });
    it.tryEnter();
    const stops = Array.from({ length: 10 }, () => new AbortController());
    for (const { signal } of stops) watch(it.enter(patient, signal));
    expect(clock.pending).toBe(1);
    await clock.advance(2_000);
    expect([it.queued, clock.pending]).toEqual([8, 1]);
    for (const stop of stops) stop.abort();
    expect([it.queued, clock.pending]).toEqual([0, 0]);
    await clock.settle();
    // The next one who waits has a timer again.
    const next = watch(it.enter(patient, undefined));
    expect(clock.pending).toBe(1);
    await clock.advance(1_000);
    expect(next.state).toBe('fulfilled');
    expect(clock.pending).toBe(0);
  });

  test('whose turn would come too late is refused at once', async () => {
    const { clock, it } = throttled({ rate: 1, perMs: 100, maxQueued: 100 });
    it.tryEnter();
    const first = watch(it.enter(101, undefined));
    const error = await caught(it.enter(200, undefined));
    expect(error).toMatchObject({ code: 'CAROM_THROTTLED', retryAfter: 200 });
    const second = watch(it.enter(201, undefined));
    expect(await caught(it.enter(0, undefined))).toMatchObject({ retryAfter: 300 });
    await clock.advance(200);
    expect([first.state, second.state]).toEqual(['fulfilled', 'fulfilled']);
    expect(clock.pending).toBe(0);
  });

  test('whose patience ends because the timers are late leaves the queue', async () => {
    const { clock, it } = throttled({ rate: 1, perMs: 100, maxQueued: 100 });
    it.tryEnter();
    const [first, second] = [110, 210].map((patience) => watch(it.enter(patience, undefined)));
    clock.block(1_000);
    await clock.advance(0);
    // No more than one token was in the bucket when the thread came back.
    expect(first?.state).toBe('fulfilled');
    expect(second?.error).toBeInstanceOf(ThrottledError);
    expect([it.queued, clock.pending]).toEqual([0, 0]);
  });

  test('an abort ends the wait at once with its reason, and the others move up', async () => {
    const { clock, it } = throttled({ rate: 1, perMs: 100, maxQueued: 100 });
    const controller = new AbortController();
    it.tryEnter();
    const first = watch(it.enter(patient, controller.signal));
    const second = watch(it.enter(patient, undefined));
    controller.abort('stop');
    await clock.advance(100);
    expect(first).toEqual({ state: 'rejected', error: 'stop' });
    expect(second.state).toBe('fulfilled');
    await clock.advance(100);
    // Who comes with an aborted signal takes no token, though there is one.
    expect(await caught(it.enter(patient, controller.signal))).toBe('stop');
    expect(it.tryEnter()).toBe(true);
  });

  test('no drift: late timers and fractions of a millisecond do not add up', async () => {
    const { clock, it } = throttled({ rate: 7, burst: 3, maxQueued: 10_000 }, 12_345.678);
    drain(it);
    const passed: number[] = [];
    for (let n = 0; n < 5_000; n++) {
      watch(it.enter(patient, undefined).then(() => passed.push(clock.now())));
    }
    for (let n = 1; n <= 700; n++) {
      clock.block(n % 3);
      await clock.advance(1_000 - (n % 3));
    }
    expect(passed).toHaveLength(4_900);
    const last = 12_345.678 + 700_000;
    expect(passed.at(-1)).toBeGreaterThan(last - 1e-3);
  });

  test.each([
    ['rate', undefined, 'undefined', 'a whole number from 1'],
    ['rate', 0, '0', 'a whole number from 1'],
    ['rate', 0.5, '0.5', 'a whole number from 1'],
    ['rate', '50/s', '"50/s"', 'a whole number from 1'],
    ['perMs', 0, '0', 'a number of milliseconds from 1 to 86400000'],
    ['perMs', Number.POSITIVE_INFINITY, 'Infinity', 'a number of milliseconds from 1'],
    ['perMs', Number.NaN, 'NaN', 'a number of milliseconds from 1'],
    ['burst', 0, '0', 'a whole number from 1'],
    ['maxQueued', -1, '-1', 'a whole number from 0'],
    ['limit', 4, '4', 'rate, perMs, burst, maxQueued'],
  ])('a wrong option is refused: %s %p', (option, value, shown, allowed) => {
    const error = thrown(() => new Throttle('a', { rate: 1, [option]: value }));
    expect(error).toMatchObject({ code: 'CAROM_INVALID_OPTION', option: `throttle.${option}` });
    expect((error as Error).message).toContain(`\`throttle.${option}\``);
    expect((error as Error).message).toContain(shown);
    expect((error as Error).message).toContain(allowed);
  });

  test('so are a name and options that are none', () => {
    expect(thrown(() => new Throttle('', { rate: 1 }))).toMatchObject({ option: 'throttle.name' });
    expect(thrown(() => new Throttle('a', null as never))).toMatchObject({ option: 'throttle' });
  });
});

const options = fc.record({
  rate: fc.integer({ min: 1, max: 30 }),
  perMs: fc.constantFrom(1, 7, 100, 333.3, 1_000),
  burst: fc.integer({ min: 1, max: 10 }),
  maxQueued: fc.constantFrom(0, 3, 50),
});

type Step =
  | { readonly does: 'arrive'; readonly patience: number }
  | { readonly does: 'try' }
  | { readonly does: 'abort'; readonly nth: number }
  | { readonly does: 'advance' | 'block'; readonly ms: number };

const time = fc.oneof(
  fc.double({ min: 0, max: 20, noNaN: true }),
  fc.double({ min: 0, max: 500, noNaN: true }),
);
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constant('arrive' as const),
        patience: fc.constantFrom(0, 50, 1_000, patient),
      }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('try' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('abort' as const), nth: fc.nat(30) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constantFrom('advance' as const, 'advance' as const, 'block' as const),
        ms: time,
      }),
    },
  ),
  { maxLength: 80, size: 'max' },
) as fc.Arbitrary<Step[]>;

test('never more than burst + rate * t / perMs in any time t, and nobody waits longer than that needs', async () => {
  let waited = 0;
  await fc.assert(
    fc.asyncProperty(options, steps, async (rules, script) => {
      const { rate, perMs, burst, maxQueued } = rules;
      const clock = new ManualClock();
      const throttle = new Throttle('a', rules, { clock });
      const arrived: { readonly watched: Watched<void>; readonly stop: AbortController }[] = [];
      const waiting = (): number =>
        arrived.filter(({ watched }) => watched.state === 'pending').length;
      const passed: number[] = [];
      const order: number[] = [];

      for (const step of script) {
        if (step.does === 'arrive') {
          const stop = new AbortController();
          const nth = arrived.length;
          const entering = throttle.enter(step.patience, stop.signal).then(() => {
            passed.push(clock.now());
            order.push(nth);
          });
          arrived.push({ watched: watch(entering), stop });
        } else if (step.does === 'try') {
          if (throttle.tryEnter()) passed.push(clock.now());
        } else if (step.does === 'abort') arrived[step.nth]?.stop.abort('stop');
        else if (step.does === 'advance') await clock.advance(step.ms);
        else clock.block(step.ms);
        await clock.settle();
        expect(throttle.queued).toBe(waiting());
        expect(throttle.queued).toBeLessThanOrEqual(maxQueued);
        if (throttle.queued === 0) expect(clock.pending).toBe(0);
        waited += throttle.queued;
      }
      await clock.advance(((throttle.queued + 1) * perMs) / rate);
      expect([throttle.queued, waiting(), clock.pending]).toEqual([0, 0, 0]);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      passed.forEach((from, first) => {
        passed.slice(first).forEach((to, nth) => {
          expect(nth + 1).toBeLessThanOrEqual(burst + (rate * (to - from)) / perMs + 1e-6);
        });
      });
    }),
    { numRuns: 150 },
  );
  expect(waited).toBeGreaterThan(150);
});

test('says the same as a bucket that is refilled by hand', async () => {
  await fc.assert(
    fc.asyncProperty(
      options,
      fc.array(time, { maxLength: 60, size: 'max' }),
      async (rules, times) => {
        const { rate, perMs, burst } = rules;
        const clock = new ManualClock();
        const throttle = new Throttle('a', rules, { clock });
        let tokens = burst;
        for (const ms of times) {
          await clock.advance(ms);
          tokens = Math.min(burst, tokens + (ms * rate) / perMs);
          const entered = throttle.tryEnter();
          // Where rounding decides, either is right.
          if (Math.abs(tokens - 1) > 1e-6) expect(entered).toBe(tokens > 1);
          if (entered) tokens -= 1;
        }
      },
    ),
  );
});
