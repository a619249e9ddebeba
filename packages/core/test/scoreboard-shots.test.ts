import { type Attempt, createStrategy, type StrategyOptions } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { pocket } from '../src/fallback/pocket.js';
import { Budget } from '../src/retry/budget.js';
import { Ear, heardStrategy, subscriptions } from './hear.js';
import { deferred, failing, never, thrown, verdict, watch } from './scenario.js';

const who = { id: expect.any(Number), operation: 'order.create', datasource: 'orders-db' };
const nameless = { ...who, operation: undefined };
/** What is told of an attempt that failed. */
const failed = { ...who, phase: undefined };
const outage = expect.objectContaining({ kind: 'outage', outcome: 'unknown' });

describe('a shot tells', () => {
  test('that it began, is played again, and is done', async () => {
    const { clock, strategy, ear } = heardStrategy();
    using _ = ear;
    const errors = [new Error('1'), new Error('2')];
    const play = failing(errors, 'done');
    const result = watch(strategy.play({ name: 'order.create', play }));
    // In the turn in which it happens.
    expect(ear.names).toEqual(['shotStarted']);
    await clock.advance(10_000);
    expect(result.value).toBe('done');
    expect(ear.heard).toEqual([
      { event: 'shotStarted', at: 1_000, detail: who },
      {
        event: 'shotRetry',
        at: 1_000,
        detail: {
          ...failed,
          ...{ attempt: 1, delay: 100, error: errors[0], verdict: outage },
          ...{ decision: 'retry', why: 'retry 1 of 3: a failure', budgetLeft: undefined },
        },
      },
      {
        event: 'shotRetry',
        at: 1_100,
        detail: {
          ...failed,
          ...{ attempt: 2, delay: 200, error: errors[1], verdict: outage },
          ...{ decision: 'retry', why: 'retry 2 of 3: a failure', budgetLeft: undefined },
        },
      },
      { event: 'shotCompleted', at: 1_300, detail: { ...who, attempts: 3, duration: 300 } },
    ]);
    expect(ear.told).toHaveLength(4);
    for (const event of ear.told) expect(Object.isFrozen(event)).toBe(true);
  });

  test('that it is played again after contention: without a count, and what the budget has for that', async () => {
    const clock = new ManualClock(1_000);
    const budget = new Budget('b', { ratio: 0, perSecond: 5 }, { clock });
    budget.spend(1_000, 'outage');
    const classify = () => verdict('contention');
    const { strategy, ear } = heardStrategy({ budget, classify, retries: 0 }, clock);
    using _ = ear;
    watch(strategy.shot(failing([new Error('1'), new Error('2')], 'done')));
    await clock.advance(5_000);
    const retries = ear.heard.filter(({ event }) => event === 'shotRetry');
    const why = 'within the patience: a test';
    expect(retries.map(({ detail }) => detail)).toMatchObject([
      { why, budgetLeft: 4 },
      { why, budgetLeft: 3 },
    ]);
  });

  test('that it failed, why, and what became of the work in all attempts together', async () => {
    const { clock, strategy, ear } = heardStrategy({ retries: 1, cushion: false });
    using _ = ear;
    const errors = [new Error('1'), new Error('2')];
    const shot = {
      play: failing(errors, 'done'),
      judge: (error: unknown) => verdict('outage', error === errors[0] ? 'unknown' : 'rolled-back'),
    };
    watch(strategy.play(shot));
    await clock.advance(10_000);
    expect(ear.heard.at(-1)).toEqual({
      event: 'shotFailed',
      at: 1_100,
      detail: {
        ...nameless,
        datasource: undefined,
        phase: undefined,
        attempt: 2,
        error: errors[1],
        verdict: verdict('outage', 'rolled-back'),
        outcome: 'unknown',
        decision: 'stop',
        why: 'all 1 retries are used up',
        duration: 100,
      },
    });
  });

  test('with what its caller gets, where the adapter made another error of it', async () => {
    const { clock, strategy, ear } = heardStrategy({ retries: 0 });
    using _ = ear;
    const concluded = new Error('concluded');
    const shot = { play: failing([new Error('1')], 'done'), conclude: () => concluded };
    const result = watch(strategy.play(shot));
    await clock.settle();
    expect(result.error).toBe(concluded);
    expect(ear.heard.at(-1)?.detail).toMatchObject({ error: concluded });
  });

  test('that its caller took it back, before it began and in the middle of it', async () => {
    const { clock, strategy, ear } = heardStrategy();
    using _ = ear;
    const controller = new AbortController();
    watch(strategy.shot(never, { signal: controller.signal }));
    await clock.advance(40);
    controller.abort('stop');
    watch(strategy.shot(never, { signal: controller.signal }));
    await clock.settle();
    const cancelled = { error: 'stop', verdict: { kind: 'cancelled' }, why: expect.any(String) };
    expect(ear.names).toEqual(['shotStarted', 'shotStarted', 'shotFailed', 'shotFailed']);
    expect(ear.heard.map(({ detail }) => detail).slice(2)).toMatchObject([
      { ...cancelled, attempt: 0, outcome: 'not-executed', duration: 0 },
      { ...cancelled, attempt: 1, outcome: 'unknown', duration: 40 },
    ]);
  });

  test('the time that it took, or none, to whoever begins to listen in the middle of it', async () => {
    const signal = new AbortController().signal;
    const before = [
      [{}, undefined],
      [{ signal }, undefined],
      [{ attemptTimeout: 500 }, 45],
      [{ timeout: 500, signal }, 45],
    ] as const;
    for (const [options, duration] of before) {
      const { clock, strategy, ear: early } = heardStrategy({ retries: 0, ...options });
      early[Symbol.dispose]();
      const gate = deferred<never>();
      watch(strategy.shot(() => gate.promise));
      await clock.advance(40);
      using ear = new Ear(clock);
      await clock.advance(5);
      gate.reject(new Error('x'));
      await clock.settle();
      expect(ear.names).toEqual(['shotFailed']);
      expect(ear.heard[0]?.detail).toMatchObject({ duration });
    }
  });

  test('nothing of a result that did not satisfy: it is the caller’s data', async () => {
    const { clock, strategy, ear } = heardStrategy({ retries: 1, whenResult: () => true });
    using _ = ear;
    const result = watch(strategy.shot(() => 'secret'));
    await clock.advance(10_000);
    expect(result.value).toBe('secret');
    expect(JSON.stringify(ear.heard)).not.toContain('secret');
    expect(ear.names.slice(0, 2)).toEqual(['shotStarted', 'shotRetry']);
    expect(ear.heard[1]?.detail).toMatchObject({
      attempt: 1,
      error: undefined,
      verdict: { kind: 'outage' },
    });
    // Whoever counts what began must be able to count how it ended.
    expect(ear.names).toHaveLength(3);
  });

  test('the same where it is synchronous', () => {
    const { clock, strategy, ear } = heardStrategy();
    using _ = ear;
    let calls = 0;
    const result = strategy.shotSync(() => {
      calls += 1;
      if (calls === 1) throw new Error('1');
      return 'done';
    });
    expect([result, clock.now()]).toEqual(['done', 1_100]);
    expect(ear.names).toEqual(['shotStarted', 'shotRetry', 'shotCompleted']);
    expect(ear.heard.at(-1)?.detail).toMatchObject({ attempts: 2, duration: 100 });
    thrown(() =>
      strategy.shotSync(() => {
        throw new TypeError('a slip');
      }),
    );
    expect(ear.names.slice(3)).toEqual(['shotStarted', 'shotFailed']);
  });

  test.each<[string, StrategyOptions, 'attempt' | 'shot', number]>([
    ['of an attempt', { attemptTimeout: 50, retries: 1 }, 'attempt', 50],
    ['of the whole shot', { timeout: 70 }, 'shot', 70],
  ])('that the clock %s ran out', async (_name, options, scope, limit) => {
    for (const more of [{}, { signal: new AbortController().signal }]) {
      const { clock, strategy, ear } = heardStrategy({ ...options, ...more });
      using _ = ear;
      const action = ({ attempt }: Attempt) => (attempt === 1 ? never() : 'done');
      watch(strategy.shot(action));
      await clock.advance(10_000);
      const timeouts = ear.heard.filter(({ event }) => event === 'shotTimeout');
      expect(timeouts).toEqual([
        {
          event: 'shotTimeout',
          at: 1_000 + limit,
          detail: {
            ...{ ...nameless, phase: undefined, attempt: 1, scope, limit },
            ...{ decision: 'abandon', why: expect.stringContaining(`${limit} ms`) },
          },
        },
      ]);
    }
  });

  test('that a clock ran out to whoever listens to nothing else, too', async () => {
    const clock = new ManualClock(1_000);
    const { on, stopAll } = subscriptions();
    const heard: unknown[] = [];
    on('shotTimeout', (detail) => heard.push({ ...detail, at: clock.now() }));
    const strategy = createStrategy({ clock, attemptTimeout: 50, timeout: 250, jitter: false });
    watch(strategy.play({ name: 'order.create', play: never }));
    await clock.advance(10_000);
    stopAll();
    const decision = { decision: 'abandon', why: expect.any(String) };
    const told = { ...failed, datasource: undefined, ...decision };
    expect(heard).toEqual([
      { ...told, attempt: 1, scope: 'attempt', limit: 50, at: 1_050 },
      { ...told, attempt: 2, scope: 'attempt', limit: 50, at: 1_200 },
      { ...told, attempt: 2, scope: 'shot', limit: 250, at: 1_250 },
    ]);
  });

  test('that the clock of the whole shot ran out between attempts; and of no other timeout', async () => {
    const { clock, strategy, ear } = heardStrategy({ timeout: 70, retries: 0 });
    using _ = ear;
    watch(strategy.with({ retries: 1 }).shot(() => Promise.reject(new Error('x'))));
    await clock.advance(10_000);
    expect(ear.names).toEqual(['shotStarted', 'shotTimeout', 'shotFailed']);
    expect(ear.heard[1]).toMatchObject({ at: 1_070, detail: { scope: 'shot', attempt: 1 } });
    const inner = createStrategy({ clock, timeout: 10 });
    ear.heard.length = 0;
    watch(strategy.shot(() => inner.shot(never)));
    await clock.advance(10_000);
    expect(ear.names.filter((name) => name === 'shotTimeout')).toHaveLength(1);
  });

  test('that the budget is used up', async () => {
    const clock = new ManualClock(1_000);
    const budget = new Budget('b', { ratio: 0, perSecond: 0 }, { clock });
    const { strategy, ear } = heardStrategy({ budget }, clock);
    using _ = ear;
    const error = new Error('x');
    watch(strategy.play({ name: 'order.create', play: failing([error], 1) }));
    await clock.advance(1_000);
    expect(ear.names).toEqual(['shotStarted', 'budgetExhausted', 'shotFailed']);
    const stopped = { decision: 'stop', why: 'the retry budget is used up' };
    expect(ear.heard[1]?.detail).toEqual({
      ...{ ...failed, attempt: 1, error, verdict: outage },
      ...stopped,
    });
    expect(ear.heard[2]?.detail).toMatchObject(stopped);
  });
});

test('a pocket that answered tells what went wrong', async () => {
  using ear = new Ear();
  const error = new Error('x');
  expect(await pocket(() => Promise.reject(error), 'last')).toBe('last');
  const decision = { decision: 'fallback', why: 'it failed' };
  expect(ear.heard).toEqual([{ event: 'fallbackUsed', at: 0, detail: { error, ...decision } }]);
  expect(Object.isFrozen(ear.told[0])).toBe(true);
});
