/** Options are a plain object: what somebody inherits, or hides in something else, would be used unchecked, or not at all. */
import { runInNewContext } from 'node:vm';
import {
  Budget,
  Compartment,
  Cushion,
  createStrategies,
  createStrategy,
  InvalidOptionError,
  pocket,
  scoreboard,
  shot,
  shotSync,
  Throttle,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { thrown } from './scenario.js';

class Settings {
  get retries(): number {
    return Number.NaN;
  }
}

const odd: readonly (readonly [string, object, string])[] = [
  ['inherited', Object.create({ retries: 0, limit: 1, rate: 1 }) as object, 'an object'],
  ['inherited, with one of its own', Object.create({ limit: 1 }, own('rate')), 'an object'],
  ['of a class', new Settings(), 'an object'],
  ['a Map', new Map([['retries', 0]]), 'an object'],
  ['a Date', new Date(0), 'an object'],
  ['an array', [], 'an array'],
  ['a promise that nobody waited for', Promise.resolve({ retries: 0 }), 'a promise'],
];

function own(name: string): PropertyDescriptorMap {
  return { [name]: { value: 1, enumerable: true } };
}

const makers: readonly (readonly [string, string, (options: never) => unknown])[] = [
  ['createStrategy', 'options', createStrategy],
  ['with', 'options', (options) => createStrategy().with(options)],
  ['shot', 'options', (options) => shot(() => 1, options)],
  ['shotSync', 'options', (options) => shotSync(() => 1, options)],
  ['one call', 'options', (options) => createStrategy().shot(() => 1, options)],
  ['one synchronous call', 'options', (options) => createStrategy().shotSync(() => 1, options)],
  ['a Cushion', 'cushion', (options) => new Cushion('a', options)],
  ['the source of a Cushion', 'cushion', (source) => new Cushion('a', {}, source)],
  ['a Budget', 'budget', (options) => new Budget('a', options)],
  ['a Compartment', 'compartment', (options) => new Compartment('a', options)],
  ['a Throttle', 'throttle', (options) => new Throttle('a', options)],
  ['pocket', 'pocket', (rules) => pocket(() => 1, 0, rules)],
  ['scoreboard.on', 'options', (options) => scoreboard.on('shotRetry', () => {}, options)],
  ['scoreboard.around', 'options', (options) => scoreboard.around((_, play) => play(), options)],
  ['createStrategies', 'options', (settings) => createStrategies(settings)],
  ['its defaults', 'defaults', (defaults) => createStrategies({ defaults, strategies: {} })],
  ['its strategies', 'strategies', (strategies) => createStrategies({ strategies })],
  ['one of them', 'strategies.a', (a) => createStrategies({ strategies: { a } })],
];

describe.each(makers)('%s', (_, option, make) => {
  test.each(odd)('options that are %s', (__, options, shown) => {
    const error = thrown(() => make(options as never)) as InvalidOptionError;
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.option).toBe(option);
    expect(error.message).toBe(`option \`${option}\` is ${shown}; allowed: a plain object`);
  });
});

test.each(odd)('a cushion of a strategy: options that are %s', (_, cushion, shown) => {
  expect(thrown(() => createStrategy({ cushion }))).toMatchObject({
    option: 'cushion',
    message: `option \`cushion\` is ${shown}; allowed: a Cushion, its options, or false`,
  });
});

test.each([
  ['cushion', 'a Cushion, its options, or false'],
  ['compartment', 'a Compartment, its options, or false'],
  ['throttle', 'a Throttle, its options, or false'],
  ['budget', 'a Budget, its options, or false'],
])('a %s of createStrategies that is a Map', (part, allowed) => {
  const a = { [part]: new Map() };
  expect(thrown(() => createStrategies({ strategies: { a } }))).toMatchObject({
    option: `strategies.a.${part}`,
    message: `option \`strategies.a.${part}\` is an object; allowed: ${allowed}`,
  });
});

test('plain is what has no prototype, and what comes from another realm', () => {
  for (const options of [
    Object.assign(Object.create(null), { retries: 7 }),
    runInNewContext('({ retries: 7 })'),
    JSON.parse('{ "retries": 7 }'),
  ]) {
    expect(createStrategy(options).options.retries).toBe(7);
  }
});

describe('each option is read once, and what was checked is what is used', () => {
  /** A getter that gives another value each time. */
  function once<T extends object>(name: string, values: readonly unknown[], others: T): T {
    let nth = 0;
    return Object.defineProperty(others, name, { enumerable: true, get: () => values[nth++] });
  }

  test('of a strategy, of a copy, of one shot and of one call', async () => {
    const clock = new ManualClock();
    const retries = (): { retries?: number } => once('retries', [0, -7, -7], {});
    const boom = new Error('boom');
    let played = 0;
    const fails = (): never => {
      played += 1;
      throw boom;
    };
    const strategy = createStrategy({ clock });
    expect(createStrategy(retries()).options.retries).toBe(0);
    expect(strategy.with(retries()).options.retries).toBe(0);
    await expect(shot(fails, retries())).rejects.toBe(boom);
    expect(() => shotSync(fails, retries())).toThrow(boom);
    await expect(strategy.shot(fails, retries())).rejects.toBe(boom);
    expect(() => strategy.shotSync(fails, retries())).toThrow(boom);
    expect(played).toBe(4);
  });

  test('of parts with a name, and of createStrategies', () => {
    expect(new Budget('a', once('ratio', [0.5, 'x'], {})).ratio).toBe(0.5);
    expect(new Compartment('a', once('limit', [2, 'x', 'y'], {} as never)).limit).toBe(2);
    expect(new Throttle('a', once('rate', [2, 'x', 'y'], {} as never)).rate).toBe(2);
    const a = once('retries', [2, 'x', 'y'], {});
    expect(createStrategies({ strategies: { a } }).get('a').options.retries).toBe(2);
  });

  test('of a pocket', async () => {
    const rules = once('when', [() => false, 'x'], {});
    await expect(pocket(() => Promise.reject(new Error('boom')), 0, rules)).rejects.toThrow('boom');
  });
});
