import { type Attempt, createStrategy, type Strategy, type StrategyOptions } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FreeList, type Reusable } from '../src/engine/free-list.js';
import { type Deferred, deferred, never, type Watched, watch } from './scenario.js';

const kinds: readonly (readonly [string, StrategyOptions])[] = [
  ['without a clock', {}],
  ['with a clock', { attemptTimeout: 1_000 }],
];

/** One attempt on its way. */
interface Pending {
  readonly id: number;
  readonly attempt: number;
  readonly gate: Deferred<string>;
}

type Step =
  | { readonly does: 'start'; readonly how: 'async' | 'value' | 'throw' }
  | { readonly does: 'fulfil' | 'fail' | 'die'; readonly nth: number }
  | { readonly does: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constant('start' as const),
        how: fc.constantFrom(
          'async' as const,
          'async' as const,
          'value' as const,
          'throw' as const,
        ),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constantFrom('fulfil' as const, 'fail' as const, 'die' as const),
        nth: fc.nat(50),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('wait' as const),
        ms: fc.constantFrom(1, 400, 999),
      }),
    },
  ),
  { maxLength: 100, size: 'max' },
);

class Table {
  readonly clock: ManualClock = new ManualClock();
  readonly shots: Watched<string>[] = [];
  readonly attempts: number[] = [];
  readonly dead: Set<number> = new Set();
  pending: Pending[] = [];
  readonly #strategy: Strategy;

  constructor(options: StrategyOptions) {
    this.#strategy = createStrategy({
      clock: this.clock,
      retries: 1_000,
      baseDelay: 0,
      jitter: false,
      ...options,
    });
  }

  async act(step: Step): Promise<void> {
    if (step.does === 'start') this.start(step.how);
    else if (step.does === 'wait') await this.clock.advance(step.ms);
    else this.#settle(step.does, step.nth);
  }

  start(how: 'async' | 'value' | 'throw'): void {
    const id = this.shots.length;
    this.attempts[id] = 0;
    const action = ({ attempt }: Attempt): string | Promise<string> => {
      this.attempts[id] = attempt;
      if (how === 'value') return `${id}`;
      if (how === 'throw' && attempt === 1) throw new Error(`${id} at once`);
      const gate = deferred<string>();
      this.pending.push({ id, attempt, gate });
      return gate.promise;
    };
    this.shots[id] = watch(this.#strategy.shot(action));
  }

  #settle(does: 'fulfil' | 'fail' | 'die', nth: number): void {
    const one = this.pending[nth % Math.max(1, this.pending.length)];
    if (one === undefined) return;
    this.pending = this.pending.filter((other) => other !== one);
    if (does === 'fulfil') one.gate.resolve(`${one.id}`);
    else if (does === 'fail') one.gate.reject(new Error(`${one.id}`));
    else {
      // A programming error ends the shot; unless the attempt was given up before.
      if (one.attempt === this.attempts[one.id]) this.dead.add(one.id);
      one.gate.reject(new TypeError(`${one.id}`));
    }
  }
}

describe.each(kinds)('records that are used again, %s', (_, options) => {
  test('never mix shots up, whatever begins and ends in between', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const table = new Table(options);
        for (const step of script) {
          await table.act(step);
          if (step.does !== 'start') await table.clock.settle();
        }
        await table.clock.settle();
        while (table.pending.length > 0) {
          await table.act({ does: 'fulfil', nth: 0 });
          await table.clock.settle();
        }
        for (const [id, shot] of table.shots.entries()) {
          if (table.dead.has(id)) {
            expect(shot).toMatchObject({ state: 'rejected', error: { message: `${id}` } });
          } else expect(shot).toEqual({ state: 'fulfilled', value: `${id}` });
        }
        expect(table.clock.pending).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('more than are kept, at once and again', async () => {
    const table = new Table(options);
    for (let wave = 1; wave <= 2; wave++) {
      for (let n = 0; n < 1_500; n++) table.start('async');
      expect(table.pending).toHaveLength(1_500);
      // From both ends and the middle.
      while (table.pending.length > 0) {
        await table.act({ does: table.pending.length % 3 === 0 ? 'die' : 'fulfil', nth: 7 });
      }
      await table.clock.settle();
    }
    for (const [id, shot] of table.shots.entries()) {
      expect(shot.state).toBe(table.dead.has(id) ? 'rejected' : 'fulfilled');
      expect(shot.value ?? (shot.error as Error).message).toBe(`${id}`);
    }
    expect(table.dead.size).toBe(1_000);
    expect(table.clock.pending).toBe(0);
  });

  test('an action that plays other shots of the same strategy', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, retries: 1, baseDelay: 0, ...options });
    const nested = (depth: number): Promise<string> =>
      strategy.shot(async ({ attempt }) => {
        if (depth === 0) return `${attempt}`;
        const before = nested(depth - 1);
        await Promise.resolve();
        const [a, b] = await Promise.all([before, nested(depth - 1)]);
        if (attempt === 1) throw new Error('once');
        return `(${a}${b}${attempt})`;
      });
    const result = watch(nested(3));
    await clock.advance(1_000);
    const two = '(112)';
    const three = `(${two}${two}2)`;
    expect(result).toEqual({ state: 'fulfilled', value: `(${three}${three}2)` });
  });

  test('an action that begins another shot and throws at once', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, retries: 1, baseDelay: 0, ...options });
    const inner: Watched<string>[] = [];
    const outer = watch(
      strategy.shot(({ attempt }) => {
        inner.push(watch(strategy.shot(async () => `inner ${attempt}`)));
        if (attempt === 1) throw new Error('at once');
        return 'outer';
      }),
    );
    await clock.advance(1_000);
    expect(outer.value).toBe('outer');
    expect(inner.map(({ value }) => value)).toEqual(['inner 1', 'inner 2']);
  });
});

test('a record that the clock took away from a shot is not used again while that may come back', async () => {
  const clock = new ManualClock();
  const strategy = createStrategy({ clock, attemptTimeout: 50, retries: 0 });
  const late = deferred<string>();
  const lost = watch(strategy.shot(() => late.promise));
  await clock.advance(50);
  expect(lost.error).toMatchObject({ scope: 'attempt' });
  const next = watch(strategy.shot(() => never()));
  late.resolve('late');
  await clock.settle();
  expect(next.state).toBe('pending');
  await clock.advance(50);
  expect(next.error).toMatchObject({ scope: 'attempt' });
  expect(next.error).not.toBe(lost.error);
});

test('a free list gives each back once, and keeps no more than a thousand', () => {
  class Plain implements Reusable<Plain> {
    nextFree: Plain | undefined;
  }
  const list = new FreeList<Plain>();
  const records = Array.from({ length: 1_500 }, () => new Plain());
  for (const record of records) list.put(record);
  const first = list.take() as Plain;
  expect(records.slice(0, 1_000)).toContain(first);
  list.put(records[1_499] as Plain);
  const taken = new Set<Plain>();
  for (let one = list.take(); one !== undefined; one = list.take()) taken.add(one);
  const kept = records.slice(0, 1_000).filter((one) => one !== first);
  expect(taken).toEqual(new Set([records[1_499], ...kept]));
  expect(taken.size).toBe(1_000);
  expect([...taken].every(({ nextFree }) => nextFree === undefined)).toBe(true);
  // As many again, after it was empty.
  for (const record of records) list.put(record);
  let again = 0;
  while (list.take() !== undefined) again += 1;
  expect(again).toBe(1_000);
});
