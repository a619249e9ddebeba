import {
  type CallOptions,
  Cushion,
  createStrategy,
  InvalidOptionError,
  isCaromError,
  isStrategy,
  type StrategyOptions,
  shot,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { failing, never, thrown, watch } from './scenario.js';

type Row = readonly [option: string, value: unknown, shown: string, allowed: string];

const perCall: readonly Row[] = [
  ['retries', -1, '-1', 'a whole number from 0 to 1000000'],
  ['retries', 1.5, '1.5', 'a whole number'],
  ['retries', '5', '"5"', 'a whole number'],
  ['retries', Number.NaN, 'NaN', 'a whole number'],
  ['retries', Number.POSITIVE_INFINITY, 'Infinity', 'a whole number'],
  ['retries', null, 'null', 'a whole number'],
  ['baseDelay', -1, '-1', 'a number of milliseconds from 0 to 86400000'],
  ['baseDelay', '100ms', '"100ms"', 'a number of milliseconds'],
  ['baseDelay', 10n, '10n', 'a number of milliseconds'],
  ['baseDelay', 30_001, '30001', 'up to maxDelay (30000)'],
  ['maxDelay', Number.POSITIVE_INFINITY, 'Infinity', 'a number of milliseconds from 0 to 86400000'],
  ['maxDelay', Number.NaN, 'NaN', 'a number of milliseconds'],
  ['jitter', 'equal', '"equal"', 'true, false, "decorrelated", "full", "none"'],
  ['jitter', 0.5, '0.5', '"decorrelated"'],
  ['shouldBounce', /x/, 'an object', 'a function'],
  ['shouldBounce', true, 'true', 'a function'],
  ['patience', -1, '-1', 'a number of milliseconds from 0'],
  ['patience', '10s', '"10s"', 'a number of milliseconds'],
  ['timeout', 0, '0', 'a number of milliseconds from 1'],
  ['timeout', false, 'false', 'a number of milliseconds from 1'],
  ['attemptTimeout', -5, '-5', 'a number of milliseconds from 1'],
  ['attemptTimeout', [1], 'an array', 'a number of milliseconds from 1'],
  ['signal', new AbortController(), 'an object', 'an AbortSignal'],
  ['signal', 'abort', '"abort"', 'an AbortSignal'],
  ['onRetry', {}, 'an object', 'a function'],
];

const perStrategy: readonly Row[] = [
  ...perCall,
  ['cushion', true, 'true', 'a Cushion, its options, or false'],
  ['cushion', null, 'null', 'a Cushion'],
  ['cushion', [], 'an array', 'a Cushion, its options, or false'],
  ['classify', 'pg', '"pg"', 'a function'],
  ['clock', Date, 'a function', 'a Clock, with now(), after() and block()'],
  ['clock', null, 'null', 'a Clock'],
  ['random', 0.5, '0.5', 'a function'],
];

const cushion: readonly Row[] = [
  ['failures', 0, '0', 'a whole number from 1 to 10000'],
  ['failures', 11, '11', 'a whole number from 1 to lastCalls (10)'],
  ['lastCalls', 10_001, '10001', 'a whole number from 1 to 10000'],
  ['ratio', 0, '0', 'a number above 0, up to 1'],
  ['ratio', 1.1, '1.1', 'a number above 0, up to 1'],
  ['ratio', '50%', '"50%"', 'a number above 0'],
  ['lastMs', 9, '9', 'a number of milliseconds from 10 to 86400000'],
  ['minimum', 0, '0', 'a whole number from 1'],
  ['halfOpenAfter', 0, '0', 'a number of milliseconds from 1 to 86400000'],
  ['halfOpenMax', 29_999, '29999', 'at least halfOpenAfter (30000)'],
  ['probes', 0, '0', 'a whole number from 1 to 1000'],
  ['probeLease', Number.NaN, 'NaN', 'a number of milliseconds'],
  ['whenOpen', 'wait', '"wait"', '"reject", "park"'],
  ['maxParked', -1, '-1', 'a whole number from 0'],
];

function expectRefusal(error: unknown, [option, , shown, allowed]: Row, prefix = ''): void {
  expect(error).toBeInstanceOf(InvalidOptionError);
  expect(isCaromError(error)).toBe(true);
  const { message, code, option: name } = error as InvalidOptionError;
  expect(code).toBe('CAROM_INVALID_OPTION');
  expect(name).toBe(prefix + option);
  expect(message).toContain(`\`${prefix}${option}\``);
  expect(message).toContain(shown);
  expect(message).toContain(allowed);
}

describe('a wrong option names the option, the value and what is allowed', () => {
  test.each(perStrategy)('strategy: %s %p', (...row) => {
    const options = { [row[0]]: row[1] } as StrategyOptions;
    expectRefusal(
      thrown(() => createStrategy(options)),
      row,
    );
    expectRefusal(
      thrown(() => createStrategy().with(options)),
      row,
    );
    expectRefusal(
      thrown(() => shot(() => 1, options)),
      row,
    );
  });

  test.each(perCall)('call: %s %p', (...row) => {
    const strategy = createStrategy();
    let played = false;
    const call = (): unknown =>
      strategy.shot(
        () => {
          played = true;
        },
        { [row[0]]: row[1] } as CallOptions,
      );
    expectRefusal(thrown(call), row);
    expect(played).toBe(false);
  });

  test.each(cushion)('cushion: %s %p', (...row) => {
    const options = { [row[0]]: row[1] };
    expectRefusal(
      thrown(() => new Cushion('a', options)),
      row,
      'cushion.',
    );
    expectRefusal(
      thrown(() => createStrategy({ cushion: options })),
      row,
      'cushion.',
    );
  });

  test('two windows at once', () => {
    const error = thrown(() => new Cushion('a', { failures: 5, ratio: 0.5 }));
    expectRefusal(
      error,
      ['ratio', 0.5, '0.5', 'either failures and lastCalls, or ratio'],
      'cushion.',
    );
  });

  test.each([
    ['', '""'],
    [undefined, 'undefined'],
    [7, '7'],
  ])('a cushion named %p', (name, shown) => {
    const row: Row = ['name', name, shown, 'a string that is not empty'];
    expectRefusal(
      thrown(() => new Cushion(name as string)),
      row,
      'cushion.',
    );
    expectRefusal(
      thrown(() => Cushion.forService(name as string)),
      row,
      'cushion.',
    );
  });

  test('an unknown option: the message names all that there are', () => {
    const error = thrown(() => createStrategy({ retrys: 3 } as StrategyOptions)) as Error;
    expect(error).toMatchObject({ code: 'CAROM_INVALID_OPTION', option: 'retrys' });
    for (const word of ['retrys', '3', 'retries', 'baseDelay', 'cushion', 'signal']) {
      expect(error.message).toContain(word);
    }
    expect(thrown(() => createStrategy({ toString: 3 } as object))).toMatchObject({
      option: 'toString',
    });
    expect(thrown(() => createStrategy({ cushion: { retries: 3 } as object }))).toMatchObject({
      option: 'cushion.retries',
      message: expect.stringContaining('halfOpenAfter'),
    });
  });

  test('what belongs to the strategy is no option of a call', () => {
    const strategy = createStrategy();
    const call = (): unknown => strategy.shot(() => 1, { cushion: false } as CallOptions);
    expect(thrown(call)).toMatchObject({ option: 'cushion' });
  });

  test.each([
    [null, 'null'],
    [5, '5'],
    ['fast', '"fast"'],
    [[], 'an array'],
  ])('options that are %p', (options, shown) => {
    const message = expect.stringContaining(shown);
    expect(thrown(() => createStrategy(options as object))).toMatchObject({
      option: 'options',
      message,
    });
    if (options === null) return;
    expect(thrown(() => createStrategy().shot(() => 1, options as object))).toMatchObject({
      message,
    });
  });

  test('an action that is none', () => {
    expect(thrown(() => createStrategy().shot(undefined as never))).toMatchObject({
      code: 'CAROM_INVALID_OPTION',
      option: 'action',
      message: expect.stringContaining('a function'),
    });
    expect(thrown(() => shot('work' as never))).toMatchObject({ option: 'action' });
  });

  test('a long value is cut, and the inside of an object is never shown', () => {
    const long = thrown(() => createStrategy({ jitter: 'x'.repeat(500) as 'full' })) as Error;
    expect(long.message.length).toBeLessThan(200);
    const secret = thrown(() =>
      createStrategy({ retries: { password: 'hunter2' } as never }),
    ) as Error;
    expect(secret.message).not.toContain('hunter2');
  });
});

describe('undefined counts as not given', () => {
  test('in every option of a strategy', () => {
    const names = [...new Set(perStrategy.map(([name]) => name))];
    expect(names).toHaveLength(14);
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(() => createStrategy(options)).not.toThrow();
    expect(
      () => new Cushion('a', Object.fromEntries(cushion.map(([name]) => [name, undefined]))),
    ).not.toThrow();
  });

  test('in one call: the rules of the strategy stay', async () => {
    const clock = new ManualClock();
    const action = failing([new Error('1'), new Error('2')], 'done');
    const strategy = createStrategy({ retries: 1, clock });
    const result = watch(
      strategy.shot(action, { retries: undefined, signal: undefined, jitter: undefined }),
    );
    await clock.advance(10_000);
    expect(result).toMatchObject({ state: 'rejected', error: { message: '2' } });
  });

  test('in `with`: the old value stays', () => {
    const cushion = new Cushion('a');
    const strategy = createStrategy({ retries: 1, cushion });
    const copy = strategy.with({ retries: undefined, cushion: undefined, timeout: 50 });
    expect(copy.options).toMatchObject({ retries: 1, timeout: 50 });
    expect(copy.cushion).toBe(cushion);
  });
});

describe('a strategy is immutable', () => {
  test('its options are a copy, and frozen', async () => {
    const clock = new ManualClock();
    const given = { retries: 0, clock };
    const strategy = createStrategy(given);
    given.retries = 5;
    expect(strategy.options.retries).toBe(0);
    expect(Object.isFrozen(strategy.options)).toBe(true);
    const action = failing([new Error('1')], 'done');
    const result = watch(strategy.shot(action));
    await clock.advance(1_000);
    expect(result.state).toBe('rejected');
  });

  test('the options of a cushion too', () => {
    const given = { failures: 5, lastCalls: 10 };
    const cushion = new Cushion('a', given);
    given.failures = 1;
    expect(cushion.halfOpenAfter(5).rules.window).toEqual({
      kind: 'count',
      failures: 5,
      lastCalls: 10,
    });
    expect(Object.isFrozen(cushion.rules)).toBe(true);
    expect(Object.isFrozen(cushion.rules.window)).toBe(true);
  });

  test('`with` makes a copy that shares the cushion', () => {
    const strategy = createStrategy({ retries: 1, cushion: { failures: 3 } });
    const copy = strategy.with({ retries: 2 });
    expect(copy).not.toBe(strategy);
    expect(strategy.options.retries).toBe(1);
    expect(copy.options.retries).toBe(2);
    expect(copy.cushion).toBe(strategy.cushion);
    expect(copy.cushion?.circuit).toBe(strategy.cushion?.circuit);
  });

  test('`with` changes the cushion, or takes it away, only where told so', () => {
    const strategy = createStrategy({ cushion: { failures: 3 } });
    expect(strategy.with({ cushion: false }).cushion).toBeUndefined();
    expect(strategy.with({ cushion: false }).with({ retries: 1 }).cushion).toBeUndefined();
    const other = strategy.with({ cushion: { failures: 3 } }).cushion;
    expect(other).toBeInstanceOf(Cushion);
    expect(other).not.toBe(strategy.cushion);
  });
});

describe('options of one call', () => {
  test('are laid over those of the strategy', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ retries: 5, baseDelay: 1_000, jitter: false, clock });
    const delays: number[] = [];
    const onRetry = ({ delay }: { readonly delay: number }): unknown => delays.push(delay);
    const errors = [1, 2, 3].map((n) => new Error(`${n}`));
    const result = watch(
      strategy.shot(failing(errors, 'done'), { maxDelay: 300, retries: 2, onRetry }),
    );
    await clock.advance(60_000);
    expect(delays).toEqual([300, 300]);
    expect(result).toMatchObject({ state: 'rejected', error: errors[2] });
  });

  test('a base above the longest delay is refused in a call too', () => {
    const strategy = createStrategy({ maxDelay: 50 });
    const call = (): unknown => strategy.shot(() => 1, { baseDelay: 60 });
    expect(thrown(call)).toMatchObject({
      option: 'baseDelay',
      message: expect.stringContaining('(50)'),
    });
  });

  test('times beyond what a timer can hold are fine', async () => {
    const strategy = createStrategy({
      timeout: Number.POSITIVE_INFINITY,
      patience: Number.POSITIVE_INFINITY,
    });
    expect(await strategy.shot(() => 1, { attemptTimeout: Number.POSITIVE_INFINITY })).toBe(1);
    const clock = new ManualClock();
    const result = watch(createStrategy({ clock, timeout: 1e13 }).shot(never));
    await clock.advance(1e13 - 1);
    expect(result.state).toBe('pending');
    await clock.advance(1);
    expect(result.error).toMatchObject({ scope: 'shot', limit: 1e13 });
  });
});

test('isStrategy knows a strategy from options', () => {
  expect(isStrategy(createStrategy())).toBe(true);
  for (const other of [undefined, null, {}, { retries: 3 }, 'x', new Cushion('a')]) {
    expect(isStrategy(other)).toBe(false);
  }
});
