import { runInNewContext } from 'node:vm';
import {
  CircuitOpenError,
  Cushion,
  createStrategy,
  type Shot,
  type Strategy,
  type StrategyOptions,
  type VerdictKind,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import { byPermit } from './by-permit.js';
import { Ear } from './hear.js';
import { hostileProxy, refuse, withGetter } from './hostile.js';
import { never, verdict } from './scenario.js';

class Wrapped extends CircuitOpenError {}

/** What may be thrown, and how often it is played with two retries. */
const errors: readonly (readonly [string, () => unknown, number])[] = [
  ['undefined', () => undefined, 3],
  ['null', () => null, 3],
  ['0', () => 0, 3],
  ['NaN', () => Number.NaN, 3],
  ['an empty string', () => '', 3],
  ['a string', () => 'boom', 3],
  ['false', () => false, 3],
  ['a bigint', () => 5n, 3],
  ['a symbol', () => Symbol.for('boom'), 3],
  ['a function', () => () => 'boom', 3],
  ['a class', () => Error, 3],
  ['a plain object', () => ({ status: 503 }), 3],
  ['an object without a prototype', () => Object.create(null), 3],
  ['an array', () => [503], 3],
  ['a promise', () => Promise.resolve('boom'), 3],
  ['a thenable that never ends', () => Object.defineProperty({}, 'then', { value: never }), 3],
  ['a frozen error', () => Object.freeze(new Error('boom')), 3],
  ['a sealed one with a cause', () => Object.seal(new Error('boom', { cause: 5 })), 3],
  ['an error of another realm', () => runInNewContext('new Error("boom")'), 3],
  ['an error that is its own cause', () => circular(), 3],
  ['a frozen programming error', () => Object.freeze(new TypeError('boom')), 1],
  ["a frozen error of Carom's own", () => Object.freeze(new CircuitOpenError('c', 5, 'open')), 1],
  ['one of a class made of it', () => new Wrapped('c', 5, 'open'), 1],
  [
    "an object behind which there is an error of Carom's own",
    () => Object.create(new CircuitOpenError('c', 5, 'open')),
    1,
  ],
  [
    "a proxy of an error of Carom's own",
    () => new Proxy(new CircuitOpenError('c', 5, 'open'), {}),
    1,
  ],
  ['a proxy of an error', () => new Proxy(new Error('boom'), {}), 3],
  // What cannot be judged is not played again.
  ['a `name` that cannot be read', () => withGetter('name'), 1],
  ['a `code` that cannot be read', () => withGetter('code'), 1],
  ['a `cause` that cannot be read', () => withGetter('cause'), 1],
  ['a `then` that cannot be read', () => withGetter('then'), 3],
  ['a `message` that cannot be read', () => withGetter('message'), 3],
  ['a `constructor` that cannot be read', () => withGetter('constructor'), 3],
  ['a proxy of which nothing can be asked', () => hostileProxy(), 1],
  ['such a proxy of a function', () => hostileProxy(() => {}), 1],
  ['such a proxy of an error', () => hostileProxy(new Error('boom')), 1],
  ['a proxy that was revoked', () => revoked(), 1],
  ['a proxy that has everything, and tells nothing', () => hasAll(), 1],
  ["an error of Carom's own whose `code` cannot be read", () => ownUnreadable(), 1],
  ['a proxy of one that tells its code alone', () => tellsCodeAlone(), 1],
];

function circular(): Error {
  const error = new Error('boom') as Error & { cause: unknown };
  error.cause = error;
  return error;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** It says that it is an error of Carom's own, and whatever else it is asked for. */
function hasAll(): object {
  return new Proxy({}, { has: () => true, get: refuse });
}

function ownUnreadable(): object {
  return withGetter('code', new CircuitOpenError('c', 5, 'open'));
}

function tellsCodeAlone(): object {
  const get = (_: object, key: string | symbol): unknown => (key === 'code' ? 'CAROM_X' : refuse());
  return new Proxy(new CircuitOpenError('c', 5, 'open'), { get, set: refuse });
}

/** A strategy with a place and a probe to hold, and what became of a shot. */
function setup(options: StrategyOptions) {
  const clock = new ManualClock();
  const compartment = new Compartment('c', { limit: 1 }, { clock });
  const cushion = new Cushion('c', { failures: 9, lastCalls: 9, probeLease: 1_000 }, { clock });
  const strategy = createStrategy({
    clock,
    retries: 2,
    compartment,
    cushion,
    jitter: false,
    ...options,
  });
  return { clock, strategy, compartment };
}

type Way = (strategy: Strategy, shot: Shot<unknown>, perCall?: StrategyOptions) => unknown;

const plays: Way = (strategy, shot) => strategy.shot(shot.play);
const ways: readonly (readonly [string, Way, StrategyOptions])[] = [
  ['thrown at once', plays, {}],
  ['of a promise', (strategy, { play }) => strategy.shot(async (attempt) => play(attempt)), {}],
  ['on the slow path', plays, { signal: new AbortController().signal }],
  ['with a clock running', plays, { attemptTimeout: 60_000 }],
  ['described', (strategy, shot) => strategy.play(shot), {}],
  ['by permit', byPermit, {}],
  ['in a synchronous shot', (strategy, { play }) => strategy.shotSync(play), {}],
];

// Nothing may look at such an error, not even the one who compares; so the identity is compared alone.
async function endOf(
  clock: ManualClock,
  play: () => unknown,
): Promise<{ readonly error: unknown }> {
  let end: { readonly error: unknown } | undefined;
  const shot = (async () => {
    try {
      await play();
    } catch (error) {
      end = { error };
    }
  })();
  await clock.advance(60_000);
  await shot;
  if (end === undefined) throw new Error('nothing was thrown');
  return end;
}

describe.each(errors)('%s', (_, make, attempts) => {
  test.each(ways)('%s: comes back as it is, and nothing is held', async (__, way, options) => {
    const { clock, strategy, compartment } = setup(options);
    const error = make();
    let calls = 0;
    const play = (): never => {
      calls += 1;
      throw error;
    };
    const end = await endOf(clock, () => way(strategy, { play }));
    expect(Object.is(end.error, error)).toBe(true);
    expect([calls, compartment.active, clock.pending]).toEqual([attempts, 0, 0]);
  });

  test.each(['outage', 'permanent', 'contention', 'cancelled'] as const)(
    'judged %s by a classifier of its own: the same',
    async (kind: VerdictKind) => {
      const options = { classify: () => verdict(kind), patience: 1_000 };
      const { clock, strategy, compartment } = setup(options);
      const error = make();
      const end = await endOf(clock, () => strategy.shot(() => Promise.reject(error)));
      expect(Object.is(end.error, error)).toBe(true);
      expect([compartment.active, clock.pending]).toEqual([0, 0]);
    },
  );

  test('before a timeout, it is the cause', async () => {
    const { clock, strategy } = setup({
      timeout: 50,
      classify: () => verdict('outage'),
      cushion: false,
    });
    const error = make();
    const end = await endOf(clock, () => strategy.shot(() => Promise.reject(error)));
    const timeout = end.error as Error;
    expect((timeout as Error & { code?: string }).code).toBe('CAROM_TIMEOUT');
    expect(Object.is(timeout.cause, error)).toBe(true);
  });

  test('what is heard of it is the very same, and a shot around it does not bounce it', async () => {
    const { clock, strategy } = setup({ compartment: false, retries: 1 });
    using ear = new Ear(clock);
    const error = make();
    let calls = 0;
    const work = (): never => {
      calls += 1;
      throw error;
    };
    const end = await endOf(clock, () => strategy.shot(() => strategy.shot(work)));
    expect(Object.is(end.error, error)).toBe(true);
    expect(calls).toBe(attempts === 1 ? 1 : 2);
    const failed = ear.heard.filter(({ event }) => event === 'shotFailed');
    expect(
      failed.map(({ detail }) => Object.is((detail as { error: unknown }).error, error)),
    ).toEqual([true, true]);
  });
});

describe.each(errors)('the reason of an abort that is %s', (_, make) => {
  test('comes back as it is, before and during an attempt', async () => {
    const { clock, strategy, compartment } = setup({ cushion: { failures: 1 } });
    const controller = new AbortController();
    const reason = make();
    let begun = false;
    const action = (): Promise<never> => {
      begun = true;
      return never();
    };
    const during = endOf(clock, () => strategy.shot(action, { signal: controller.signal }));
    for (let n = 0; n < 20 && !begun; n++) await Promise.resolve();
    expect(begun).toBe(true);
    controller.abort(reason);
    // Only undefined becomes an error, of the platform's own.
    const { signal } = controller;
    expect(Object.is((await during).error, signal.reason)).toBe(true);
    const before = await endOf(clock, () => strategy.shot(never, { signal }));
    expect(Object.is(before.error, signal.reason)).toBe(true);
    expect([compartment.active, clock.pending]).toEqual([0, 0]);
    // It says nothing about the service.
    expect(strategy.cushion?.state).toBe('closed');
  });
});
