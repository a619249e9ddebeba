/** What the public parts beside the options are given: sources of time, signals, cushions, clocks, words of the fluent form. */
import {
  Budget,
  Compartment,
  Cushion,
  createStrategies,
  createStrategy,
  scoreboard,
  shot,
  Throttle,
  Waiters,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, thrown } from './scenario.js';

const refused = (option: string, message: string): object => ({
  code: 'CAROM_INVALID_OPTION',
  option,
  message: expect.stringContaining(message),
});

describe.each([
  ['budget', (source: never) => new Budget('a', {}, source)],
  ['compartment', (source: never) => new Compartment('a', { limit: 1 }, source)],
  ['throttle', (source: never) => new Throttle('a', { rate: 1 }, source)],
])('the source of a %s', (kind, make) => {
  const aClock = 'a Clock, with now(), after() and block()';
  test.each([
    [null, kind, 'a plain object'],
    [5, kind, 'a plain object'],
    [{ clock: 5 }, `${kind}.clock`, aClock],
    [{ clock: {} }, `${kind}.clock`, aClock],
    [{ clock: null }, `${kind}.clock`, aClock],
    [{ clok: new ManualClock() }, `${kind}.clok`, 'allowed: clock'],
  ])('%p', (source, option, message) => {
    expect(thrown(() => make(source as never))).toMatchObject(refused(option, message));
  });

  test('need not be given', () => {
    expect(() => make(undefined as never)).not.toThrow();
    expect(() => make({ clock: undefined } as never)).not.toThrow();
  });
});

test('parts of createStrategies have its clock, a cushion its chance too', () => {
  const [clock, random] = [new ManualClock(5), (): number => 0];
  const a = { clock, random, budget: {}, throttle: { rate: 1 }, compartment: { limit: 1 } };
  expect(createStrategies({ strategies: { a } }).names).toEqual(['a']);
});

const notSignals: readonly unknown[] = [
  { aborted: false, addEventListener: 1 },
  { aborted: false, addEventListener: () => {} },
  { aborted: 'no', addEventListener: () => {}, removeEventListener: () => {} },
];

test.each(notSignals)('a signal that is none: %p', (signal) => {
  const no = refused('signal', 'an AbortSignal');
  const options = { signal: signal as AbortSignal };
  expect(thrown(() => shot(() => 1, options))).toMatchObject(no);
  expect(thrown(() => createStrategy().shot(() => 1, options))).toMatchObject(no);
  expect(thrown(() => scoreboard.on('shotRetry', () => {}, options))).toMatchObject(no);
});

test.each([
  { circuit: 1, rules: 1 },
  { circuit: { rules: {} }, rules: {} },
])('a cushion that is none: %p', (cushion) => {
  expect(thrown(() => createStrategy({ cushion: cushion as never }))).toMatchObject(
    refused('cushion', 'a Cushion, its options, or false'),
  );
  const a = { cushion: cushion as never };
  expect(thrown(() => createStrategies({ strategies: { a } }))).toMatchObject(
    refused('strategies.a.cushion', 'a Cushion, its options, or false'),
  );
});

describe('a word of the fluent form that lacks what it says', () => {
  const cushion = new Cushion('a');
  test.each<[string, string, () => unknown]>([
    ['failures', 'cushion.failures', () => cushion.openAfter(undefined as never, { within: 10 })],
    ['within', 'window.within', () => cushion.openAfter(5, {} as never)],
    ['the window', 'window', () => cushion.openAfter(5, undefined as never)],
    ['the window, but for a number', 'window', () => cushion.openAfter(5, 10 as never)],
    ['halfOpenAfter', 'cushion.halfOpenAfter', () => cushion.halfOpenAfter(undefined as never)],
    ['an unknown one', 'window.of', () => cushion.openAfter(5, { within: 10, of: 1 } as never)],
  ])('%s', (_, option, make) => {
    expect(thrown(make)).toMatchObject({ code: 'CAROM_INVALID_OPTION', option });
  });
});

describe('a ManualClock', () => {
  const wrong: readonly unknown[] = ['100', Number.NaN, Number.POSITIVE_INFINITY, null, 5n];
  const outOfRange = (message: string): object => ({
    name: 'RangeError',
    message: expect.stringContaining(message),
  });

  test.each([-1, ...wrong])('does not move by %p', async (ms) => {
    const clock = new ManualClock(5);
    const error = await caught(clock.advance(ms as number));
    expect(error).toMatchObject(outOfRange('allowed: a number of milliseconds from 0'));
    expect(clock.now()).toBe(5);
  });

  test.each(wrong)('does not begin at %p', (now) => {
    const error = thrown(() => new ManualClock(now as number));
    expect(error).toMatchObject(outOfRange('allowed: a finite number'));
  });
});

test('Waiters are given functions', () => {
  expect(thrown(() => new Waiters(5 as never))).toMatchObject(refused('closed', 'a function'));
  const waiters = new Waiters();
  const { signal } = waiters.join(undefined);
  expect(thrown(() => waiters.sendAway('x' as never))).toMatchObject(
    refused('reason', 'a function'),
  );
  expect(signal.aborted).toBe(false);
});
