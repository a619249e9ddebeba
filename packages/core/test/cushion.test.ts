import {
  CircuitOpenError,
  Cushion,
  createStrategy,
  type Strategy,
  type StrategyOptions,
  shot,
  type VerdictKind,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, failing, never, thrown, verdict, watch } from './scenario.js';

const boom = (): Promise<never> => Promise.reject(new Error('boom'));

describe('Cushion', () => {
  test('the defaults', () => {
    expect(new Cushion('a').rules).toEqual({
      window: { kind: 'time', ratio: 0.5, lastMs: 10_000, minimum: 10 },
      slowAfter: Number.POSITIVE_INFINITY,
      halfOpenAfter: 30_000,
      halfOpenMax: 300_000,
      probes: 1,
      probeLease: 10_000,
      whenOpen: 'reject',
      maxParked: 1_000,
    });
    expect(new Cushion('a', { failures: 3 }).rules.window).toEqual({
      kind: 'count',
      failures: 3,
      lastCalls: 10,
    });
    expect(new Cushion('a', { lastCalls: 7 }).rules.window).toEqual({
      kind: 'count',
      failures: 4,
      lastCalls: 7,
    });
    expect(new Cushion('a', { ratio: 0.2 }).rules.window).toMatchObject({
      kind: 'time',
      ratio: 0.2,
    });
  });

  test('the fluent form builds the same', () => {
    const fluent = Cushion.forService('fluent').openAfter(5, { within: 20 }).halfOpenAfter(2_000);
    expect(fluent.name).toBe('fluent');
    expect(fluent.rules).toEqual(
      new Cushion('x', { failures: 5, lastCalls: 20, halfOpenAfter: 2_000 }).rules,
    );
  });

  test('a number of failures means nothing without that of the calls', () => {
    const error = thrown(() => Cushion.forService('fluent').openAfter(5, {} as never));
    expect(error).toMatchObject({
      option: 'window.within',
      message: 'option `window.within` is undefined; allowed: a whole number from 1',
    });
  });

  test('each word makes a new value, with a circuit of its own unless it has a service', () => {
    const first = new Cushion('a', { failures: 1 });
    const second = first.halfOpenAfter(5);
    expect(first.rules.halfOpenAfter).toBe(30_000);
    expect(second.rules).toMatchObject({ halfOpenAfter: 5, window: { failures: 1 } });
    expect(second.circuit).not.toBe(first.circuit);
    expect(first.circuit).toBe(first.circuit);
  });

  test('shows its circuit: state, parked, retryAfter, onChange, isolate, close', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion(
      'a',
      { failures: 1, halfOpenAfter: 100, whenOpen: 'park' },
      { clock },
    );
    const seen: string[] = [];
    const leave = cushion.onChange((state) => seen.push(state));
    expect([cushion.state, cushion.parked, cushion.retryAfter]).toEqual(['closed', 0, 0]);
    await caught(createStrategy({ clock, cushion, retries: 0 }).shot(boom));
    watch(createStrategy({ clock, cushion }).shot(() => 1));
    expect([cushion.state, cushion.parked, cushion.retryAfter]).toEqual(['open', 1, 100]);
    cushion.isolate();
    cushion.close();
    leave();
    cushion.isolate();
    expect(seen).toEqual(['open', 'isolated', 'closed']);
  });

  test('who listens is a function', () => {
    const refused = thrown(() => new Cushion('a').onChange('nope' as never));
    expect(refused).toMatchObject({ code: 'CAROM_INVALID_OPTION', option: 'listener' });
  });
});

describe('Cushion.forService', () => {
  test('one circuit per name, whoever asks, also by the fluent form', () => {
    const one = Cushion.forService('shared').openAfter(5, { within: 10 });
    const two = Cushion.forService('shared', { failures: 5, lastCalls: 10 });
    expect(two.circuit).toBe(one.circuit);
    expect(Cushion.forService('other').circuit).not.toBe(one.circuit);
  });

  test('what one strategy learns, the other knows', async () => {
    const make = (): Strategy =>
      createStrategy({ retries: 0, cushion: Cushion.forService('learned', { failures: 2 }) });
    const [first, second] = [make(), make()];
    await caught(first.shot(boom));
    await caught(second.shot(boom));
    expect(await caught(first.shot(() => 1))).toBeInstanceOf(CircuitOpenError);
    expect(await caught(second.shot(() => 1))).toMatchObject({ service: 'learned' });
  });

  test('conflicting settings are refused, and the message shows both', () => {
    expect(Cushion.forService('conflict', { failures: 5 }).state).toBe('closed');
    const error = thrown(() => Cushion.forService('conflict', { failures: 6 }).circuit);
    expect(error).toMatchObject({
      code: 'CAROM_CONFLICTING_SETTINGS',
      message: expect.stringMatching(/conflict.*"failures":5.*"failures":6/),
    });
  });

  test('a circuit by key runs on the clock that it was given', async () => {
    const clock = new ManualClock();
    const make = (): Cushion =>
      new Cushion('a', { failures: 1, halfOpenAfter: 100 }, { clock, key: 'with-a-clock' });
    await caught(createStrategy({ clock, cushion: make(), retries: 0 }).shot(boom));
    expect(make().retryAfter).toBe(100);
    await clock.advance(60);
    expect(make().retryAfter).toBe(40);
  });
});

describe('a strategy with a cushion', () => {
  const counting = (
    more: StrategyOptions = {},
  ): { clock: ManualClock; strategy: Strategy; cushion: Cushion } => {
    const clock = new ManualClock();
    const cushion = new Cushion(
      'orders',
      { failures: 3, lastCalls: 10, halfOpenAfter: 1_000 },
      { clock },
    );
    return {
      clock,
      cushion,
      strategy: createStrategy({ clock, cushion, jitter: false, retries: 0, ...more }),
    };
  };

  test('open: nothing is played, at once, and the error says when to come back', async () => {
    const { strategy } = counting();
    for (let n = 0; n < 3; n++) await caught(strategy.shot(boom));
    const action = failing([], 'done');
    expect(await caught(strategy.shot(action))).toMatchObject({
      code: 'CAROM_CIRCUIT_OPEN',
      retryAfter: 1_000,
    });
    expect(action.calls).toBe(0);
  });

  test('sees every attempt, and stops a running retry loop with the error of the work', async () => {
    const { clock, strategy, cushion } = counting({ retries: 9 });
    const errors = Array.from({ length: 20 }, (_, n) => new Error(`${n + 1}`));
    const action = failing(errors, 'done');
    const result = watch(strategy.shot(action));
    await clock.advance(100 + 200 + 400);
    expect(action.calls).toBe(3);
    expect(cushion.state).toBe('open');
    expect(result.error).toBe(errors[2]);
    expect(clock.pending).toBe(0);
  });

  test.each([[undefined], [null], [0]])('also where the error of the work is %p', async (error) => {
    const { clock, strategy } = counting({ retries: 9 });
    const result = watch(
      strategy.shot(
        failing(
          Array.from({ length: 20 }, () => error),
          'done',
        ),
      ),
    );
    await clock.advance(10_000);
    expect(result).toEqual({ state: 'rejected', error });
  });

  test('parked: a slower answer instead of an error', async () => {
    const clock = new ManualClock();
    const cushion = { failures: 1, halfOpenAfter: 500, whenOpen: 'park' } as const;
    const strategy = createStrategy({
      clock,
      cushion,
      retries: 5,
      patience: 10_000,
      jitter: false,
    });
    const first = watch(strategy.shot(failing([new Error('down')], 'first')));
    await clock.settle();
    const others = [2, 3, 4].map((n) => watch(strategy.shot(() => n)));
    await clock.advance(499);
    expect(strategy.cushion?.parked).toBe(4);
    await clock.advance(51);
    expect(first.value).toBe('first');
    expect(others.map(({ value }) => value)).toEqual([2, 3, 4]);
    expect(clock.pending).toBe(0);
  });

  test('patience counts delays and parking together, and ends with the error of the work', async () => {
    const clock = new ManualClock();
    const cushion = { failures: 1, halfOpenAfter: 60_000, whenOpen: 'park' } as const;
    const strategy = createStrategy({ clock, cushion, patience: 1_000, jitter: false });
    const error = new Error('down');
    const result = watch(strategy.shot(failing([error], 'done')));
    await clock.settle();
    const fresh = watch(strategy.shot(() => 1, { patience: 400 }));
    await clock.advance(399);
    expect(fresh.state).toBe('pending');
    await clock.advance(1);
    expect(fresh.error).toBeInstanceOf(CircuitOpenError);
    await clock.advance(599);
    expect(result.state).toBe('pending');
    await clock.advance(1);
    expect(result.error).toBe(error);
    expect(clock.pending).toBe(0);
  });

  test('parking twice spends the same patience', async () => {
    const clock = new ManualClock();
    const cushion = {
      failures: 1,
      halfOpenAfter: 400,
      halfOpenMax: 400,
      whenOpen: 'park',
    } as const;
    const strategy = createStrategy({
      clock,
      cushion,
      patience: 1_000,
      jitter: false,
      baseDelay: 1,
      retries: 99,
    });
    const errors = Array.from({ length: 9 }, (_, n) => new Error(`${n}`));
    const action = failing(errors, 'done');
    const result = watch(strategy.shot(action));
    await clock.advance(999);
    expect(result.state).toBe('pending');
    await clock.advance(1);
    expect(result.error).toBe(errors[2]);
    expect(action.calls).toBe(3);
  });

  const rows: readonly [VerdictKind, 'failure' | 'success' | 'neither'][] = [
    ['outage', 'failure'],
    ['permanent', 'success'],
    ['contention', 'success'],
    ['stale', 'neither'],
    ['overload', 'neither'],
    ['cancelled', 'neither'],
  ];
  test.each(rows)('%s counts as %s', async (kind, expected) => {
    const played = async (cushion: Cushion, clock: ManualClock): Promise<void> => {
      const strategy = createStrategy({
        clock,
        cushion,
        retries: 0,
        patience: 0,
        classify: () => verdict(kind),
      });
      expect(await caught(strategy.shot(boom))).toMatchObject({ message: 'boom' });
    };
    // Closed: two failures, then it, then one more. A success in the window of three pushes one out.
    const clock = new ManualClock();
    const closed = new Cushion('a', { failures: 3, lastCalls: 3 }, { clock });
    for (let n = 0; n < 2; n++) closed.circuit.fail(closed.circuit.enter());
    await played(closed, clock);
    expect(closed.state).toBe(expected === 'failure' ? 'open' : 'closed');
    if (expected !== 'failure') closed.circuit.fail(closed.circuit.enter());
    expect(closed.state).toBe(expected === 'success' ? 'closed' : 'open');
    // Half-open: it is the probe.
    const open = new Cushion('a', { failures: 1, halfOpenAfter: 100 }, { clock });
    open.circuit.fail(open.circuit.enter());
    await clock.advance(100);
    await played(open, clock);
    expect(open.state).toBe({ failure: 'open', success: 'closed', neither: 'half-open' }[expected]);
    if (expected === 'neither') expect(open.circuit.enter()).not.toBe(0);
  });

  test('the refusal of another cushion says nothing about this one', async () => {
    const clock = new ManualClock();
    const other = createStrategy({ clock, cushion: new Cushion('other', {}, { clock }) });
    other.cushion?.isolate();
    const cushion = new Cushion('a', { failures: 1, halfOpenAfter: 100 }, { clock });
    cushion.circuit.fail(cushion.circuit.enter());
    await clock.advance(100);
    const strategy = createStrategy({ clock, cushion });
    expect(await caught(strategy.shot(() => other.shot(() => 1)))).toMatchObject({
      service: 'other',
    });
    expect(cushion.state).toBe('half-open');
    expect(cushion.circuit.enter()).not.toBe(0);
  });

  test('a cancelled probe gives its place back; a hung one loses it', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion(
      'a',
      { failures: 1, halfOpenAfter: 100, probeLease: 50 },
      { clock },
    );
    const strategy = createStrategy({ clock, cushion, retries: 0 });
    await caught(strategy.shot(boom));
    await clock.advance(100);
    const controller = new AbortController();
    const cancelled = watch(strategy.shot(never, { signal: controller.signal }));
    await clock.settle();
    expect(await caught(strategy.shot(() => 1))).toBeInstanceOf(CircuitOpenError);
    controller.abort();
    await clock.settle();
    expect(cancelled.state).toBe('rejected');
    watch(strategy.shot(never));
    await clock.advance(49);
    expect(await caught(strategy.shot(() => 1))).toBeInstanceOf(CircuitOpenError);
    await clock.advance(1);
    expect(await strategy.shot(() => 1)).toBe(1);
    expect(cushion.state).toBe('closed');
  });

  test('one-off shots share a Cushion that is handed to them', async () => {
    const cushion = new Cushion('one-off', { failures: 2 });
    for (let n = 0; n < 2; n++) await caught(shot(boom, { cushion, retries: 0 }));
    expect(await caught(shot(() => 1, { cushion }))).toBeInstanceOf(CircuitOpenError);
  });

  test('false is none', async () => {
    const strategy = createStrategy({ cushion: false, retries: 0 });
    expect(strategy.cushion).toBeUndefined();
    for (let n = 0; n < 50; n++) await caught(strategy.shot(boom));
    expect(await strategy.shot(() => 1)).toBe(1);
  });
});
