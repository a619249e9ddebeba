/** The budget bounds what reaches the service, not what waits for it. */
import { Budget, Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { FakeProber } from './fake-prober.js';
import { failing, verdict, watch } from './scenario.js';

const boom = new Error('boom');

test('a bounce that there is nothing left for takes its turn, and its patience pays for it', async () => {
  const clock = new ManualClock();
  const options = { ratio: 0, perSecond: 1, whenSpent: 'wait' } as const;
  const budget = new Budget('a', options, { clock });
  const strategy = createStrategy({ clock, budget, baseDelay: 0, patience: 2_500 });
  const shots = [1, 2, 3, 4].map((n) => watch(strategy.shot(failing([boom], n))));
  await clock.advance(0);
  const values = (): unknown[] => shots.map(({ value }) => value);
  expect(values()).toEqual([1, undefined, undefined, undefined]);
  // The third turn would come after 3,000 ms.
  expect(shots[3]?.error).toBe(boom);
  await clock.advance(1_000);
  expect(values()).toEqual([1, 2, undefined, undefined]);
  await clock.advance(1_000);
  expect(values()).toEqual([1, 2, 3, undefined]);
  expect(clock.pending).toBe(0);
});

test('a bounce that is let in at the pace of a gate is not paid for', async () => {
  const clock = new ManualClock();
  const budget = new Budget('a', { ratio: 0, perSecond: 0 }, { clock });
  const classify = () => ({ ...verdict('overload'), gated: true });
  const strategy = createStrategy({ clock, budget, classify, patience: 1_000 });
  expect(await strategy.shot(failing([boom], 1))).toBe(1);
});

test('the delay and the turn come out of one patience', async () => {
  const clock = new ManualClock();
  const options = { ratio: 0, perSecond: 1, whenSpent: 'wait' } as const;
  const rules = {
    clock,
    jitter: false,
    baseDelay: 1_000,
    budget: new Budget('a', options, { clock }),
  };
  const play = (patience: number, error: Error) =>
    watch(createStrategy({ ...rules, patience }).shot(failing([error], 1)));
  const hastyError = new Error('1');
  const [first, hasty, patient] = [
    play(1_500, boom),
    play(1_999, hastyError),
    play(2_000, new Error('2')),
  ];
  await clock.settle();
  expect([first.state, hasty.error, patient.state]).toEqual(['pending', hastyError, 'pending']);
  await clock.advance(2_000);
  expect([first.value, patient.value]).toEqual([1, 1]);
});

test.each([
  ['park', 'pending', 'fulfilled'],
  ['reject', 'rejected', 'rejected'],
] as const)(
  'while the cushion is open nothing is paid for what it parks (%s)',
  async (whenOpen, atOnce, end) => {
    const clock = new ManualClock();
    const budget = new Budget('a', { ratio: 0, perSecond: 0 }, { clock });
    const cushion = new Cushion('a', { failures: 1, whenOpen }, { clock });
    cushion.circuit.probedBy(new FakeProber());
    const strategy = createStrategy({ clock, budget, cushion, patience: 5_000 });
    const shot = watch(strategy.shot(failing([boom], 1)));
    await clock.settle();
    expect(shot.state).toBe(atOnce);
    await clock.advance(1_000);
    cushion.circuit.answered();
    await clock.settle();
    expect(shot.state).toBe(end);
  },
);

test.each([
  ['contention', 'outage'],
  ['outage', 'contention'],
] as const)('a bounce after %s is not paid for from what is left for %s', async (kind, other) => {
  const clock = new ManualClock();
  const budget = new Budget('a', { ratio: 0, perSecond: 1 }, { clock });
  const classify = () => verdict(kind);
  const strategy = createStrategy({ clock, budget, classify, jitter: false });
  const shot = watch(strategy.shot(failing([boom], 1)));
  await clock.settle();
  expect([budget.available(0, kind), budget.available(0, other)]).toEqual([0, 1]);
  await clock.advance(500);
  expect(shot.value).toBe(1);
});
