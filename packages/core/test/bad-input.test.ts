import {
  type CallOptions,
  Cushion,
  type CushionOptions,
  callChecks,
  createStrategy,
  InvalidOptionError,
  isCaromError,
  type StrategyOptions,
  shot,
  shotSync,
  strategyChecks,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Budget } from '../src/retry/budget.js';
import { day, ofCushion, perCall, perStrategy, type Rule, tried } from './option-rules.js';
import { thrown } from './scenario.js';

/** The options with which one of them stands, so that nothing but it is wrong. */
function around(option: string, value: unknown): object {
  if (option === 'maxDelay') return { baseDelay: 0, maxDelay: value };
  if (option === 'baseDelay') return { baseDelay: value, maxDelay: day };
  if (option === 'halfOpenMax') return { halfOpenAfter: 1, halfOpenMax: value };
  return { [option]: value };
}

function expectRefusal(make: () => unknown, option: string, shown: string, allowed: string): void {
  const error = thrown(make) as InvalidOptionError;
  expect(error).toBeInstanceOf(InvalidOptionError);
  expect(isCaromError(error)).toBe(true);
  expect([error.code, error.option]).toEqual(['CAROM_INVALID_OPTION', option]);
  expect(error.message).toBe(`option \`${option}\` is ${shown}; allowed: ${allowed}`);
}

/** The way in which a value is taken: allowed, or refused with a message that says all. */
function expectRule(
  option: string,
  value: unknown,
  shown: string,
  [allowed, isAllowed]: Rule,
  make: () => unknown,
): void {
  if (isAllowed(value)) expect(make).not.toThrow();
  else expectRefusal(make, option, shown, allowed);
}

describe('an option of a strategy', () => {
  test('none is without its rule', () => {
    expect(Object.keys(perStrategy).sort()).toEqual(Object.keys(strategyChecks).sort());
    expect(Object.keys(perCall).sort()).toEqual(Object.keys(callChecks).sort());
  });

  test.each(Object.entries(perStrategy))('%s', (option, rule) => {
    for (const [value, shown] of tried) {
      const options = around(option, value) as StrategyOptions;
      expectRule(option, value, shown, rule, () => createStrategy(options));
      expectRule(option, value, shown, rule, () => createStrategy().with(options));
      if (rule[1](value)) continue;
      expectRule(option, value, shown, rule, () => shot(() => 1, options));
      expectRule(option, value, shown, rule, () => shotSync(() => 1, options));
    }
  });

  test.each(Object.entries(perCall))(
    '%s, in one call: refused at once, and nothing is played',
    (option, rule) => {
      const strategy = createStrategy();
      for (const [value, shown] of tried) {
        if (rule[1](value)) continue;
        let played = 0;
        const options = around(option, value) as CallOptions;
        const action = (): number => ++played;
        expectRefusal(() => strategy.shot(action, options), option, shown, rule[0]);
        expectRefusal(() => strategy.shotSync(action, options), option, shown, rule[0]);
        expectRefusal(() => strategy.play({ play: action }, options), option, shown, rule[0]);
        expect(played).toBe(0);
      }
    },
  );

  test('what works at the edge of what is allowed works', async () => {
    const clock = new ManualClock();
    const edges: StrategyOptions = {
      retries: 1_000_000,
      baseDelay: 0,
      maxDelay: 0,
      patience: 0,
      timeout: 1,
      attemptTimeout: 1,
      budget: new Budget('b', { ratio: 0, perSecond: 0 }),
    };
    expect(await createStrategy({ clock, ...edges }).shot(() => 'done')).toBe('done');
    expect(createStrategy({ clock, ...edges }).shotSync(() => 'done')).toBe('done');
  });
});

describe('an option of a cushion', () => {
  test.each(Object.entries(ofCushion))('%s', (option, rule) => {
    for (const [value, shown] of tried) {
      const options = around(option, value) as CushionOptions;
      const name = `cushion.${option}`;
      expectRule(name, value, shown, rule, () => new Cushion('c', options));
      expectRule(name, value, shown, rule, () => createStrategy({ cushion: options }));
      expectRule(name, value, shown, rule, () =>
        Cushion.forService(`bad-${option}-${shown}`, options),
      );
    }
  });

  test.each([
    ['failures', { failures: 11 }, '11', 'a whole number from 1 to lastCalls (10)'],
    ['failures', { failures: 3, lastCalls: 2 }, '3', 'a whole number from 1 to lastCalls (2)'],
    [
      'halfOpenMax',
      { halfOpenAfter: 500, halfOpenMax: 499 },
      '499',
      'at least halfOpenAfter (500)',
    ],
  ])('a window, or a time, smaller than %s', (option, options, shown, allowed) => {
    expectRefusal(() => new Cushion('c', options), `cushion.${option}`, shown, allowed);
  });

  test('of the fluent form', () => {
    const cushion = Cushion.forService('bad-fluent');
    const outside = 'a whole number from 1 to lastCalls (4)';
    expectRefusal(() => cushion.openAfter(5, { within: 4 }), 'cushion.failures', '5', outside);
    expectRefusal(
      () => cushion.openAfter(0, { within: 4 }),
      'cushion.failures',
      '0',
      'a whole number from 1 to 10000',
    );
    expectRefusal(
      () => cushion.halfOpenAfter('30s' as never),
      'cushion.halfOpenAfter',
      '"30s"',
      `a number of milliseconds from 1 to ${day}`,
    );
    for (const window of [undefined, null, 20, '20', [20], { withn: 20 }]) {
      expect(isCaromError(thrown(() => cushion.openAfter(5, window as never)))).toBe(true);
    }
  });

  test.each([
    ['clock', Date],
    ['clock', null],
    ['random', 0.5],
    ['key', 5],
    ['colck', new ManualClock()],
  ])('its %s is checked when it is made, and not when it is first used', (option, value) => {
    const error = thrown(() => new Cushion('c', {}, { [option]: value } as never));
    expect(error).toMatchObject({ code: 'CAROM_INVALID_OPTION', option: `cushion.${option}` });
  });

  test('half open for longer than the default maximum allows is refused by name', () => {
    const long = new Cushion('c', { halfOpenAfter: day });
    expect(long.rules.halfOpenMax).toBeGreaterThanOrEqual(day);
  });
});

test.each([
  ['createStrategy', (options: never) => createStrategy(options), 'options'],
  ['shot', (options: never) => shot(() => 1, options), 'options'],
  ['with', (options: never) => createStrategy().with(options), 'options'],
  ['one call', (options: never) => createStrategy().shot(() => 1, options), 'options'],
  ['a cushion', (options: never) => new Cushion('c', options), 'cushion'],
])('options that are no plain object: %s', (_, make, option) => {
  for (const [value, shown] of tried) {
    if (shown === 'an object' && Object.getPrototypeOf(value) === Object.prototype) continue;
    expectRefusal(() => make(value as never), option, shown, 'a plain object');
  }
});

test('an unknown option names all that there are, in a strategy, a call and a cushion', () => {
  const rows: readonly (readonly [() => unknown, string, object])[] = [
    [() => createStrategy({ retires: 3 } as never), 'retires', perStrategy],
    [() => createStrategy().with({ retires: 3 } as never), 'retires', perStrategy],
    [() => createStrategy().shot(() => 1, { retires: 3 } as never), 'retires', perCall],
    [() => new Cushion('c', { retires: 3 } as never), 'cushion.retires', ofCushion],
  ];
  for (const [make, option, all] of rows) {
    const error = thrown(make);
    expect(error).toMatchObject({ code: 'CAROM_INVALID_OPTION', option });
    const { message } = error as Error;
    expect(message).toContain(`unknown option \`${option}\` (given 3); allowed: `);
    const named = message.slice(message.indexOf('allowed: ') + 9).split(', ');
    expect(named.sort()).toEqual(Object.keys(all).sort());
  }
});

test.each(tried.filter(([value]) => typeof value !== 'function'))(
  'an action that is %p',
  (value, shown) => {
    const strategy = createStrategy();
    expectRefusal(() => strategy.shot(value as never), 'action', shown, 'a function');
    expectRefusal(() => strategy.shotSync(value as never), 'action', shown, 'a function');
    expectRefusal(() => strategy.shot(value as never, {}), 'action', shown, 'a function');
    expectRefusal(() => shot(value as never), 'action', shown, 'a function');
  },
);
