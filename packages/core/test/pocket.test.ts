import { runInNewContext } from 'node:vm';
import {
  CaromError,
  Cushion,
  createStrategy,
  InvalidOptionError,
  ShotTimeoutError,
  shot,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import { CompartmentFullError, ThrottledError } from '../src/errors.js';
import { type Pocket, pocket } from '../src/fallback/pocket.js';
import { board } from '../src/telemetry/board.js';
import { scoreboard } from '../src/telemetry/scoreboard.js';
import { caught, deferred, failing, never, thrown, watch } from './scenario.js';

const boom = new Error('boom');
const fails =
  (error: unknown): (() => never) =>
  () => {
    throw error;
  };

describe('pocket', () => {
  test.each<[string, () => unknown]>([
    ['a value', () => 'done'],
    ['a promise', async () => 'done'],
  ])('all is well: %s comes back, and the fallback is not called', async (_, action) => {
    const fallback = failing([], 'fallback');
    expect(await pocket(action, fallback)).toBe('done');
    expect(fallback.calls).toBe(0);
  });

  test('an action that is a promise', async () => {
    expect(await pocket(Promise.resolve('done'), 'fallback')).toBe('done');
    expect(await pocket(Promise.reject(boom), 'fallback')).toBe('fallback');
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    const thenable = { then: (_: unknown, no: (error: Error) => void) => no(boom) };
    expect(await pocket(thenable as PromiseLike<string>, 'fallback')).toBe('fallback');
  });

  test('an action that throws at once is one that rejects', async () => {
    expect(await pocket(fails(boom), 'fallback')).toBe('fallback');
    expect(await pocket(async () => fails(boom)(), 'fallback')).toBe('fallback');
  });

  test.each<[string, unknown, unknown]>([
    ['a value', 0, 0],
    ['nothing', undefined, undefined],
    ['a function', () => 'called', 'called'],
    ['a function that returns a promise', async () => 'later', 'later'],
    ['a function of the error', (error: Error) => error.message, 'boom'],
    ['an async function of the error', async (error: Error) => error.message, 'boom'],
    ['a promise', Promise.resolve('promised'), 'promised'],
  ])('a fallback that is %s', async (_, fallback, expected) => {
    expect(await pocket(fails(boom), fallback)).toBe(expected);
  });

  test('the action begins at once', () => {
    let began = false;
    void pocket(() => {
      began = true;
    }, 0);
    expect(began).toBe(true);
  });

  test('it is a native promise, and its one method more is not listed', async () => {
    const promise = pocket(() => 1, 2);
    expect(promise).toBeInstanceOf(Promise);
    expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype);
    expect(Object.keys(promise)).toEqual([]);
    expect(await Promise.all([promise])).toEqual([1]);
  });
});

describe('a chain', () => {
  test('each link is asked when the one above it has failed', async () => {
    const seen: unknown[] = [];
    const fallback = (error: unknown): never => {
      seen.push(error);
      throw new Error(`after ${(error as Error).message}`);
    };
    const value = await pocket(fails(boom), fallback)
      .pocket(fallback)
      .pocket((error) => {
        seen.push(error);
        return 'last';
      });
    expect(value).toBe('last');
    expect(seen.map((error) => (error as Error).message)).toEqual([
      'boom',
      'after boom',
      'after after boom',
    ]);
  });

  test('a link above that has answered is the answer', async () => {
    expect(await pocket(() => 1, 2).pocket(3)).toBe(1);
    expect(await pocket(fails(boom), 2).pocket(3)).toBe(2);
  });

  test('a later link has rules of its own', async () => {
    const no = { when: () => false };
    expect(await pocket(fails(boom), 1, no).pocket(2)).toBe(2);
    expect(await caught(pocket(fails(boom), 1, no).pocket(2, no))).toBe(boom);
    expect(await pocket(fails(new TypeError('a bug')), 1).pocket(2, { when: () => true })).toBe(2);
  });
});

const code = (of: `CAROM_${string}`): CaromError => new CaromError(of, 'a test');
const wrapped = (cause: unknown): Error => new Error('saving failed', { cause });
const loop = new Error('a loop');
Object.assign(loop, { cause: loop });

describe('which errors it takes', () => {
  const taken: readonly [string, unknown][] = [
    ['an error', boom],
    ['a frozen error', Object.freeze(new Error('frozen'))],
    ['an error whose cause is itself', loop],
    ['a socket error', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
    ['a failed fetch', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
    ['a timeout of the platform', new DOMException('late', 'TimeoutError')],
    ['a timeout of ours', new ShotTimeoutError('attempt', 5)],
    ['a full compartment', new CompartmentFullError('a', 1, 'full')],
    ['a throttle', new ThrottledError('a', 5, 'throttled')],
    ['a string', 'boom'],
    ['undefined', undefined],
    ['null', null],
  ];
  test.each(taken)('%s', async (_, error) => {
    expect(await pocket(fails(error), 'fallback')).toBe('fallback');
  });

  test('an open cushion', async () => {
    const cushion = new Cushion('a');
    cushion.isolate();
    expect(await pocket(() => shot(() => 1, { cushion }), 'fallback')).toBe('fallback');
  });

  const left: readonly [string, unknown][] = [
    ['an abort', new DOMException('stop', 'AbortError')],
    ['a programming error', new TypeError('x is not a function')],
    ['one of another realm', runInNewContext('new ReferenceError("x")')],
    ['a refused option', new InvalidOptionError('retries', 'wrong')],
    ['conflicting settings', code('CAROM_CONFLICTING_SETTINGS')],
    ['a promise in a synchronous shot', code('CAROM_NOT_SYNC')],
    ['a write that may have been done', code('CAROM_OUTCOME_UNKNOWN')],
    ['a write that was undone in silence', code('CAROM_SILENT_ROLLBACK')],
    ['the same under an error of the caller', wrapped(wrapped(code('CAROM_OUTCOME_UNKNOWN')))],
    ['the same under a refusal of ours', withCause(code('CAROM_OUTCOME_UNKNOWN'))],
    ['an error that cannot be looked at', unreadable()],
  ];
  test.each(left)('not %s', async (_, error) => {
    const fallback = failing([], 'fallback');
    expect(await caught(pocket(fails(error), fallback))).toBe(error);
    expect(fallback.calls).toBe(0);
    // Asked for, it takes that one too.
    expect(await pocket(fails(error), 'fallback', { when: () => true })).toBe('fallback');
  });

  test('causes are followed to the tenth error', async () => {
    const deep = (levels: number): unknown =>
      levels === 0 ? code('CAROM_OUTCOME_UNKNOWN') : wrapped(deep(levels - 1));
    const tenth = deep(9);
    expect(await caught(pocket(fails(tenth), 'fallback'))).toBe(tenth);
    expect(await pocket(fails(deep(10)), 'fallback')).toBe('fallback');
  });

  test.each([['stop'], [new Error('stop')], [undefined]])(
    'not what a shot ended with because its caller cancelled it: %p',
    async (reason) => {
      const controller = new AbortController();
      const { signal } = controller;
      const promise = pocket(() => shot(never, { signal }), 'fallback');
      controller.abort(reason);
      expect(await caught(promise)).toBe(signal.reason);
    },
  );

  test('but the same value where nobody cancelled', async () => {
    expect(await pocket(() => shot(fails('stop'), { retries: 0 }), 'fallback')).toBe('fallback');
  });

  test('when decides alone', async () => {
    const seen: unknown[] = [];
    const when = (error: unknown): boolean => {
      seen.push(error);
      return (error as Error).message === 'boom';
    };
    const other = new Error('other');
    expect(await pocket(fails(boom), 'fallback', { when })).toBe('fallback');
    expect(await caught(pocket(fails(other), 'fallback', { when }))).toBe(other);
    expect(seen).toEqual([boom, other]);
  });

  test.each<[string, () => unknown]>([
    ['throws', fails(new Error('of its own'))],
    ['returns a promise', async () => true],
    ['returns something else', () => 'yes'],
  ])('a `when` that %s takes nothing, and hides no error', async (_, when) => {
    const rules = { when: when as () => boolean };
    expect(await caught(pocket(fails(boom), 'fallback', rules))).toBe(boom);
  });
});

function withCause(cause: unknown): Error {
  return new ShotTimeoutError('shot', 5, { cause });
}

function unreadable(): unknown {
  return Object.defineProperty(new Error('closed'), 'name', { get: fails(new Error('not yours')) });
}

describe('a fallback that fails', () => {
  const causeOf = (error: unknown): unknown => (error as Error).cause;

  test('its own error is thrown, with the first one as its cause', async () => {
    const own = new Error('own');
    expect(await caught(pocket(fails(boom), fails(own)))).toBe(own);
    // As `new Error(message, { cause })` would have it.
    expect(Object.getOwnPropertyDescriptor(own, 'cause')).toEqual({
      value: boom,
      configurable: true,
      enumerable: false,
      writable: true,
    });
    const later = new Error('later');
    expect(await caught(pocket(fails(boom), async () => fails(later)()))).toBe(later);
    expect(causeOf(later)).toBe(boom);
    const foreign = runInNewContext('new Error("of another realm")');
    expect(await caught(pocket(fails(boom), fails(foreign)))).toBe(foreign);
    expect(causeOf(foreign)).toBe(boom);
  });

  test('an error that has a cause keeps it, even where that is undefined', async () => {
    const own = new Error('own', { cause: 'mine' });
    const none = new Error('none', { cause: undefined });
    expect(await caught(pocket(fails(boom), fails(own)))).toBe(own);
    expect(await caught(pocket(fails(boom), fails(none)))).toBe(none);
    expect([causeOf(own), causeOf(none)]).toEqual(['mine', undefined]);
  });

  test('the same error thrown again, or one of its causes, makes no circle', async () => {
    const inner = new Error('inner');
    const outer = new Error('outer', { cause: new Error('between', { cause: inner }) });
    expect(await caught(pocket(fails(outer), fails(outer)))).toBe(outer);
    expect(await caught(pocket(fails(outer), fails(inner)))).toBe(inner);
    expect(await caught(pocket(fails(inner), fails(inner)))).toBe(inner);
    expect('cause' in inner).toBe(false);
  });

  test.each([
    ['a string', 'boom'],
    ['null', null],
    ['an object', { message: 'x' }],
    ['a frozen error', Object.freeze(new Error('frozen'))],
  ])('one that takes no cause is thrown as it is: %s', async (_, own) => {
    expect(await caught(pocket(fails(boom), fails(own)))).toBe(own);
    expect(Object(own).cause).toBeUndefined();
  });
});

describe('fallbackUsed', () => {
  test('is told of each error that a fallback has answered, once', async () => {
    const told: unknown[] = [];
    const stop = scoreboard.on('fallbackUsed', ({ error }) => told.push(error));
    const own = new Error('own');
    const { promise, resolve } = deferred<number>();
    const slow = watch(pocket(fails(boom), promise));
    await pocket(fails(new Error('x')), fails(own)).pocket(1);
    await pocket(() => 1, 2).pocket(3);
    await caught(pocket(fails(new TypeError('a bug')), 1));
    await caught(pocket(fails(boom), fails(new Error('fails too'))));
    expect(told).toEqual([own]);
    resolve(1);
    await new ManualClock().settle();
    expect(slow.value).toBe(1);
    expect(told).toEqual([own, boom]);
    stop();
    expect(board.listeners.size).toBe(0);
  });
});

describe('bad input', () => {
  test.each([[undefined], [5], ['work'], [{}]])('an action that is %p', (action) => {
    expect(thrown(() => pocket(action as never, 0))).toMatchObject({
      code: 'CAROM_INVALID_OPTION',
      option: 'action',
      message: expect.stringContaining('a function, or a promise'),
    });
  });

  test('no fallback at all, which would hide every error; `undefined` has to be said', async () => {
    const bare = pocket as unknown as (action: () => unknown) => unknown;
    const none = {
      option: 'fallback',
      message: expect.stringContaining('or a function of the error'),
    };
    expect(thrown(() => bare(() => 1))).toMatchObject(none);
    const chain = pocket(() => 1, undefined) as unknown as { pocket: () => unknown };
    expect(thrown(() => chain.pocket())).toMatchObject(none);
    expect(await pocket(fails(boom), undefined).pocket(undefined)).toBeUndefined();
  });

  test('rules that are none', () => {
    const wrong = (rules: unknown): unknown => thrown(() => pocket(() => 1, 0, rules as object));
    expect(wrong({ when: true })).toMatchObject({
      option: 'pocket.when',
      message: expect.stringMatching(/`pocket\.when` is true.*a function/),
    });
    expect(wrong({ if: () => true })).toMatchObject({ option: 'pocket.if' });
    expect(wrong(5)).toMatchObject({ option: 'pocket' });
    const chain = pocket(() => 1, 0);
    expect(thrown(() => chain.pocket(0, { when: 1 as never }))).toMatchObject({
      option: 'pocket.when',
    });
  });
});

interface Price {
  readonly amount: number;
}
interface Cached {
  readonly cached: Price;
}

/** Read by the compiler alone. */
export const orElse = async <T>(price: () => Promise<T>, value: T): Promise<T> =>
  pocket(price, value);
export const orCall = async <T>(price: () => Promise<T>, call: (error: Error) => T): Promise<T> =>
  pocket(price, call);

/** The same. */
export async function types(price: () => Promise<Price>, cached: (id: string) => Promise<Cached>) {
  const strategy = createStrategy();
  const chain = pocket(
    () => strategy.shot(price),
    () => cached('id'),
  ).pocket(0);
  expectTypeOf(chain).toEqualTypeOf<Pocket<Price | Cached | number>>();
  expectTypeOf(await chain).toEqualTypeOf<Price | Cached | number>();
  expectTypeOf(chain).toExtend<Promise<Price | Cached | number>>();
  expectTypeOf(pocket(price, null)).toEqualTypeOf<Pocket<Price | null>>();
  expectTypeOf(pocket(strategy.shot(price), undefined)).toEqualTypeOf<Pocket<Price | undefined>>();
  expectTypeOf(pocket(() => 1, 'x')).toEqualTypeOf<Pocket<number | string>>();
  expectTypeOf(pocket(price, cached('id'))).toEqualTypeOf<Pocket<Price | Cached>>();
  expectTypeOf(pocket(price, { cached: { amount: 1 } } as Cached)).toEqualTypeOf<
    Pocket<Price | Cached>
  >();
  const ofTheError = pocket(price, (error) => {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    return 1;
  }).pocket((error) => {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    return 'x';
  });
  expectTypeOf(ofTheError).toEqualTypeOf<Pocket<Price | number | string>>();
  expectTypeOf(pocket(price, (): never => fails(boom)())).toEqualTypeOf<Pocket<Price>>();
  // A type that the caller gives the error is the caller's word.
  const known = pocket(price, (error: Error) => error.message).pocket(async (_: TypeError) => 1);
  expectTypeOf(known).toEqualTypeOf<Pocket<Price | string | number>>();
  expectTypeOf(await known).toEqualTypeOf<Price | string | number>();
  // @ts-expect-error: neither a function nor a promise
  void pocket(5, 0);
  // @ts-expect-error: a promise is no answer
  void pocket(price, 0, { when: async () => true });
  // @ts-expect-error: no such rule
  void pocket(price, 0, { unless: () => true });
  // @ts-expect-error: a pocket needs something in it
  void pocket(price);
}
