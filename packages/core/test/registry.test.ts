import { Cushion } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import { Compartment } from '../src/bulkhead/compartment.js';
import {
  createStrategies,
  type Strategies,
  type StrategiesSettings,
  type StrategySettings,
} from '../src/engine/registry.js';
import { Throttle } from '../src/rate-limit/throttle.js';
import { Budget } from '../src/retry/budget.js';
import { caught, failing, never, thrown, watch } from './scenario.js';

const clock = new ManualClock();
const one = (settings: StrategySettings, defaults?: StrategySettings): Strategies<'one'> =>
  createStrategies({ defaults, strategies: { one: settings } });
const boom = (): never => {
  throw new Error('boom');
};

describe('createStrategies', () => {
  test('the strategy of a name is the same one each time', () => {
    const strategies = createStrategies({ strategies: { 'payment-api': {}, search: {} } });
    expect(strategies.names).toEqual(['payment-api', 'search']);
    expect(strategies.get('search')).toBe(strategies.get('search'));
    expect(strategies.get('search')).not.toBe(strategies.get('payment-api'));
    expect(Object.isFrozen(strategies) && Object.isFrozen(strategies.names)).toBe(true);
  });

  test('each given option replaces the default, and the rest of them hold', async () => {
    const defaults = { clock, retries: 5, baseDelay: 100, jitter: false };
    const strategies = createStrategies({
      defaults,
      strategies: { few: { retries: 1 }, all: { retries: undefined } },
    });
    const [few, all] = [failing([1, 2, 3], 'done'), failing([1, 2, 3], 'done')];
    const results = [
      watch(strategies.get('few').shot(few)),
      watch(strategies.get('all').shot(all)),
    ];
    await clock.advance(10_000);
    expect(results).toEqual([
      { state: 'rejected', error: 2 },
      { state: 'fulfilled', value: 'done' },
    ]);
    expect([few.calls, all.calls]).toEqual([2, 4]);
  });

  test('an option is replaced whole: nothing is left of the default inside it', () => {
    const strategies = createStrategies({
      defaults: { cushion: { ratio: 0.2, halfOpenAfter: 1_000 } },
      strategies: { same: {}, other: { cushion: { failures: 3 } }, none: { cushion: false } },
    });
    expect(strategies.get('same').cushion?.rules).toEqual(
      new Cushion('x', { ratio: 0.2, halfOpenAfter: 1_000 }).rules,
    );
    expect(strategies.get('other').cushion?.rules).toEqual(new Cushion('x', { failures: 3 }).rules);
    expect(strategies.get('none').cushion).toBeUndefined();
  });

  test('plain parts become instances of the strategy’s own, named after it', () => {
    const defaults = {
      cushion: {},
      compartment: { limit: 3 },
      throttle: { rate: 7 },
      budget: { ratio: 0.3 },
    };
    const strategies = createStrategies({ defaults, strategies: { a: {}, b: {} } });
    const [a, b] = [strategies.get('a'), strategies.get('b')];
    expect(a.cushion).toMatchObject({ name: 'a' });
    expect(a.options.compartment).toMatchObject({ name: 'a', limit: 3 });
    expect(a.options.throttle).toMatchObject({ name: 'a', rate: 7 });
    expect(a.options.budget).toMatchObject({ name: 'a', ratio: 0.3 });
    expect(b.options.throttle).toMatchObject({ name: 'b' });
    a.cushion?.isolate();
    expect(b.cushion?.state).toBe('closed');
    for (const part of ['compartment', 'throttle', 'budget'] as const) {
      expect(a.options[part]).not.toBe(b.options[part]);
    }
  });

  test('and run on the clock and the chance of the strategy', async () => {
    const strategy = one(
      { throttle: { rate: 1 }, retries: 0 },
      { clock, random: () => 0.5, cushion: { failures: 1, halfOpenAfter: 100 } },
    ).get('one');
    await caught(strategy.shot(boom));
    await clock.advance(40);
    expect(strategy.cushion?.retryAfter).toBeLessThan(100);
    expect((strategy.options.throttle as Throttle).retryAfter).toBe(960);
  });

  test('two registries share nothing: the second’s settings are the second’s', () => {
    const first = one({ cushion: { failures: 3 } }).get('one');
    const second = one({ cushion: { failures: 5 } }).get('one');
    first.cushion?.isolate();
    expect(second.cushion?.rules.window).toMatchObject({ failures: 5 });
    expect(second.cushion?.state).toBe('closed');
  });

  test('instances are taken as they are, and shared by all that are given them', () => {
    const parts = {
      cushion: new Cushion('shared'),
      compartment: new Compartment('shared', { limit: 1 }),
      throttle: new Throttle('shared', { rate: 1 }),
      budget: new Budget('shared'),
    };
    const strategies = createStrategies({ defaults: parts, strategies: { a: {}, b: parts } });
    for (const strategy of [strategies.get('a'), strategies.get('b')]) {
      expect(strategy.cushion).toBe(parts.cushion);
      expect(strategy.options.compartment).toBe(parts.compartment);
      expect(strategy.options.throttle).toBe(parts.throttle);
      expect(strategy.options.budget).toBe(parts.budget);
    }
  });

  test('false takes a default away', async () => {
    const strategies = createStrategies({
      defaults: { retries: 0, compartment: { limit: 1 }, throttle: { rate: 1 }, budget: {} },
      strategies: { full: {}, free: { compartment: false, throttle: false, budget: false } },
    });
    watch(strategies.get('full').shot(never));
    expect(await caught(strategies.get('full').shot(() => 1))).toMatchObject({
      code: 'CAROM_COMPARTMENT_FULL',
    });
    watch(strategies.get('free').shot(never));
    expect(await strategies.get('free').shot(() => 1)).toBe(1);
  });

  test('later changes of the object change nothing', () => {
    const strategies: Record<string, StrategySettings> = { a: { retries: 1 } };
    const registry = createStrategies({ strategies });
    strategies['b'] = {};
    expect(registry.names).toEqual(['a']);
    expect(registry.get('a').options.retries).toBe(1);
  });
});

describe('a name that nobody gave', () => {
  const registry = createStrategies({
    strategies: { 'payment-api': {}, search: {} },
  }) as Strategies;

  test('the error names it and those that there are', () => {
    expect(thrown(() => registry.get('payment-apo'))).toMatchObject({
      name: 'InvalidOptionError',
      code: 'CAROM_INVALID_OPTION',
      option: 'name',
      message: 'option `name` is "payment-apo"; allowed: "payment-api", "search"',
    });
  });

  test.each([
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['hasOwnProperty'],
    [''],
    [undefined],
    [Symbol('search')],
  ])('%p is none', (name) => {
    expect(thrown(() => registry.get(name as string))).toMatchObject({ option: 'name' });
  });

  test('unless it is a key of the object itself, as a configuration file may have it', () => {
    const settings = JSON.parse('{ "strategies": { "__proto__": { "retries": 7 }, "x": {} } }');
    const odd = createStrategies(settings as StrategiesSettings);
    expect(odd.names).toEqual(['__proto__', 'x']);
    expect(odd.get('__proto__').options.retries).toBe(7);
    expect(odd.get('x').options.retries).toBeUndefined();
  });
});

describe('a mistake is named by its path', () => {
  type Row = readonly [settings: unknown, option: string, message: RegExp];
  const rows: readonly Row[] = [
    [null, 'options', /null; allowed: a plain object/],
    [{ strategy: {} }, 'strategy', /unknown option.*defaults, strategies/],
    [{}, 'strategies', /undefined; allowed: a plain object/],
    [{ strategies: [] }, 'strategies', /an array; allowed: a plain object/],
    [{ strategies: 5 }, 'strategies', /5; allowed: a plain object/],
    [{ strategies: {}, defaults: 5 }, 'defaults', /5; allowed: a plain object/],
    [{ strategies: {}, defaults: null }, 'defaults', /null; allowed: a plain object/],
    [{ strategies: { a: 5 } }, 'strategies.a', /5; allowed: a plain object/],
    [{ strategies: { a: null } }, 'strategies.a', /null; allowed: a plain object/],
    [{ strategies: { 'a-b': { retries: -1 } } }, 'strategies.a-b.retries', /-1.*a whole number/],
    [{ strategies: { a: { retrys: 1 } } }, 'strategies.a.retrys', /unknown option.*retries/],
    [{ strategies: { a: { cushion: { ratio: 2 } } } }, 'strategies.a.cushion.ratio', /2.*up to 1/],
    [{ strategies: { a: { cushion: { rate: 2 } } } }, 'strategies.a.cushion.rate', /unknown/],
    [{ strategies: { a: { cushion: true } } }, 'strategies.a.cushion', /a Cushion, its options/],
    [{ strategies: { a: { compartment: 4 } } }, 'strategies.a.compartment', /a Compartment, its/],
    [{ strategies: { a: { compartment: {} } } }, 'strategies.a.compartment.limit', /from 1/],
    [{ strategies: { a: { throttle: null } } }, 'strategies.a.throttle', /a Throttle, its options/],
    [{ strategies: { a: { throttle: { rate: 0 } } } }, 'strategies.a.throttle.rate', /from 1/],
    [{ strategies: { a: { budget: [] } } }, 'strategies.a.budget', /a Budget, its options/],
    [{ strategies: { a: { budget: { ratio: -1 } } } }, 'strategies.a.budget.ratio', /from 0/],
    [{ strategies: {}, defaults: { retries: '3' } }, 'defaults.retries', /"3".*a whole number/],
    [{ strategies: {}, defaults: { cushion: { ratio: 0 } } }, 'defaults.cushion.ratio', /above 0/],
    [{ strategies: {}, defaults: { budget: { x: 1 } } }, 'defaults.budget.x', /unknown option/],
    [{ strategies: {}, defaults: { throttle: {} } }, 'defaults.throttle.rate', /from 1/],
    // Each is right, and both together are not.
    [
      { defaults: { maxDelay: 50 }, strategies: { a: { baseDelay: 60 } } },
      'strategies.a.baseDelay',
      /60; allowed: up to maxDelay \(50\)/,
    ],
    // What a replacement text means to `replace` means nothing here.
    [{ strategies: { '$&': { budget: { x: 1 } } } }, 'strategies.$&.budget.x', /unknown option/],
  ];
  test.each(rows)('%j', (settings, option, message) => {
    const error = thrown(() => createStrategies(settings as StrategiesSettings)) as Error;
    expect(error).toMatchObject({ name: 'InvalidOptionError', option });
    expect(error.message).toContain(`\`${option}\``);
    expect(error.message).toMatch(message);
  });

  test('a polluting key is an unknown one', () => {
    const settings = JSON.parse('{ "strategies": { "a": { "__proto__": { "retries": 7 } } } }');
    expect(thrown(() => createStrategies(settings as StrategiesSettings))).toMatchObject({
      option: 'strategies.a.__proto__',
    });
  });

  test('defaults that only make sense with what a strategy adds are no mistake', () => {
    const strategy = one({ maxDelay: 90_000 }, { baseDelay: 60_000 }).get('one');
    expect(strategy.options).toMatchObject({ baseDelay: 60_000, maxDelay: 90_000 });
  });

  test('another error comes as it is', () => {
    expect(Cushion.forService('of a registry', { failures: 3 }).state).toBe('closed');
    const cushion = Cushion.forService('of a registry', { failures: 5 });
    expect(thrown(() => one({ cushion }))).toMatchObject({ code: 'CAROM_CONFLICTING_SETTINGS' });
  });
});

/** Read by the compiler alone. */
export function types(file: StrategiesSettings): void {
  const registry = createStrategies({
    defaults: { retries: 3, cushion: { ratio: 0.5 } },
    strategies: { 'payment-api': { compartment: { limit: 3 } }, search: { budget: false } },
  });
  expectTypeOf(registry).toEqualTypeOf<Strategies<'payment-api' | 'search'>>();
  registry.get('payment-api');
  // @ts-expect-error: no such name
  registry.get('payment-apo');
  // @ts-expect-error: no such option
  createStrategies({ strategies: { a: { retrys: 3 } } });
  // @ts-expect-error: no such option of a compartment
  createStrategies({ strategies: { a: { compartment: { size: 3 } } } });
  expectTypeOf(createStrategies(file)).toEqualTypeOf<Strategies<string>>();
}
