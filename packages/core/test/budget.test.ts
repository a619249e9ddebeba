import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Budget, type BudgetKind } from '../src/retry/budget.js';
import { thrown } from './scenario.js';

/** How many bounces it grants now; more than 10,000 would be all. */
function drain(budget: Budget, now: number, kind: BudgetKind = 'outage'): number {
  let granted = 0;
  while (granted < 10_000 && budget.spend(now, kind)) granted += 1;
  return granted;
}

function shots(budget: Budget, count: number): void {
  for (let n = 0; n < count; n++) budget.deposit();
}

describe('Budget', () => {
  test('the defaults: 20 % of the last second, and 10 a second', () => {
    const budget = new Budget();
    expect(budget).toMatchObject({ name: 'budget', ratio: 0.2, perSecond: 10, lastMs: 1_000 });
    expect(new Budget('orders-db').name).toBe('orders-db');
    expect(budget.available(0, 'outage')).toBe(10);
    expect(drain(budget, 0)).toBe(10);
    shots(budget, 50);
    expect(budget.available(0, 'outage')).toBe(10);
    expect(drain(budget, 0)).toBe(10);
    expect(budget.available(0, 'outage')).toBe(0);
  });

  test('contention and outage are counted apart, against the same shots', () => {
    const budget = new Budget('a', { perSecond: 0 }, { clock: new ManualClock() });
    shots(budget, 100);
    expect(drain(budget, 0, 'contention')).toBe(20);
    expect(budget.available(0, 'outage')).toBe(20);
    expect(drain(budget, 0, 'outage')).toBe(20);
    expect(drain(budget, 0, 'contention')).toBe(0);
  });

  test('asking what is available spends nothing', () => {
    const budget = new Budget('a', { perSecond: 1, lastMs: 2_000 }, { clock: new ManualClock() });
    for (let n = 0; n < 10; n++) expect(budget.available(0, 'outage')).toBe(2);
  });

  test('shots count for lastMs at most, and what was spent for lastMs at least', () => {
    const clock = new ManualClock();
    const budget = new Budget('a', { ratio: 1, perSecond: 0, lastMs: 1_000 }, { clock });
    budget.available(0, 'outage');
    clock.block(49);
    shots(budget, 64);
    expect(budget.available(999, 'outage')).toBe(64);
    expect(budget.available(1_000, 'outage')).toBe(0);
    const other = new Budget('a', { ratio: 0, perSecond: 3, lastMs: 1_000 }, { clock });
    expect(drain(other, 1_049)).toBe(3);
    expect(drain(other, 2_049)).toBe(0);
    expect(drain(other, 2_050)).toBe(3);
  });

  test('who finds nothing left waits for a turn, one after the other, each kind by itself', () => {
    const options = { ratio: 0, perSecond: 2, whenSpent: 'wait' } as const;
    const budget = new Budget('a', options, { clock: new ManualClock() });
    const waits = (now: number, kind: BudgetKind = 'outage', most = 1_600) =>
      budget.wait(now, kind, most);
    expect([waits(0), waits(0)]).toEqual([0, 0]);
    expect([waits(0), waits(0), waits(0), waits(0)]).toEqual([500, 1_000, 1_500, undefined]);
    expect(waits(0, 'contention')).toBe(0);
    // Nobody took the turn that came too late, and time that has passed is no debt.
    expect(waits(100)).toBe(undefined);
    expect(waits(400)).toBe(1_600);
    expect(waits(10_000)).toBe(0);
  });

  test('the turns come as fast as bounces are earned, and nobody overtakes', () => {
    const clock = new ManualClock();
    const options = { ratio: 0.5, perSecond: 0, whenSpent: 'wait' } as const;
    const budget = new Budget('a', options, { clock });
    shots(budget, 4);
    const waits = (now: number) => budget.wait(now, 'outage', 10_000);
    expect([waits(0), waits(0), waits(0), waits(0)]).toEqual([0, 0, 500, 1_000]);
    shots(budget, 60);
    // Thirty would be left to spend; who came first goes first.
    const late = waits(0) ?? 0;
    expect(late).toBeGreaterThan(1_000);
    expect(late).toBeLessThan(1_050);
  });

  test('whose turn has come holds nobody up', () => {
    const clock = new ManualClock();
    const options = { ratio: 0.5, perSecond: 0, whenSpent: 'wait' } as const;
    const budget = new Budget('a', options, { clock });
    shots(budget, 4);
    const waits = (now: number, most: number) => budget.wait(now, 'outage', most);
    expect([waits(0, 500), waits(0, 500), waits(0, 500)]).toEqual([0, 0, 500]);
    shots(budget, 60);
    expect(waits(499, 0)).toBeUndefined();
    expect(waits(500, 0)).toBe(0);
  });

  test('where there is no turn to wait for, or none is waited for, there is none', () => {
    const none = new Budget('a', { ratio: 0, perSecond: 0, whenSpent: 'wait' });
    expect(none.wait(0, 'outage', Number.MAX_VALUE)).toBeUndefined();
    const stop = new Budget('a', { ratio: 0, perSecond: 1 });
    expect([stop.wait(0, 'outage', 9_000), stop.wait(0, 'outage', 9_000)]).toEqual([0, undefined]);
  });

  test('nothing granted at all: no ratio and no floor', () => {
    const budget = new Budget('a', { ratio: 0, perSecond: 0 });
    shots(budget, 1_000);
    expect(drain(budget, 0)).toBe(0);
    expect(budget.available(0, 'contention')).toBe(0);
  });

  test('a ratio above 1, and parts of a bounce', () => {
    const clock = new ManualClock();
    const budget = new Budget('a', { ratio: 2.5, perSecond: 0.05, lastMs: 10_000 }, { clock });
    expect(drain(budget, 0)).toBe(0);
    budget.deposit();
    expect(drain(budget, 0)).toBe(3);
  });

  test('fifths of shots that were spread over several buckets still make a whole bounce', () => {
    for (let count = 5; count <= 60; count += 5) {
      const budget = new Budget('a', { perSecond: 0, lastMs: 1_000 });
      budget.available(0, 'outage');
      shots(budget, count);
      expect(drain(budget, 731)).toBe(count / 5);
    }
  });

  test('a deposit reads the clock at every 64th call only', () => {
    const clock = new ManualClock();
    let reads = 0;
    const counting = {
      now: (): number => {
        reads += 1;
        return clock.now();
      },
      after: clock.after.bind(clock),
      block: clock.block.bind(clock),
    };
    const budget = new Budget('a', {}, { clock: counting });
    shots(budget, 63);
    expect(reads).toBe(0);
    shots(budget, 65);
    expect(reads).toBe(2);
  });

  test.each([
    ['ratio', -0.1, '-0.1', 'a number from 0 to 1000'],
    ['ratio', 1_001, '1001', 'a number from 0 to 1000'],
    ['ratio', Number.NaN, 'NaN', 'a number from 0 to 1000'],
    ['ratio', '20%', '"20%"', 'a number from 0 to 1000'],
    ['ratio', '0.2', '"0.2"', 'a number from 0 to 1000'],
    ['whenSpent', 'queue', '"queue"', '"stop", "wait"'],
    ['perSecond', -1, '-1', 'a number from 0 to 1000000'],
    ['perSecond', Number.POSITIVE_INFINITY, 'Infinity', 'a number from 0 to 1000000'],
    ['lastMs', 9, '9', 'a number of milliseconds from 10 to 86400000'],
    ['retries', 3, '3', 'ratio, perSecond, lastMs'],
  ])('a wrong option is refused: %s %p', (option, value, shown, allowed) => {
    const error = thrown(() => new Budget('a', { [option]: value }));
    expect(error).toMatchObject({ code: 'CAROM_INVALID_OPTION', option: `budget.${option}` });
    expect((error as Error).message).toContain(`\`budget.${option}\``);
    expect((error as Error).message).toContain(shown);
    expect((error as Error).message).toContain(allowed);
  });

  test('what is just allowed', () => {
    expect(new Budget('a', { ratio: 1_000, perSecond: 1_000_000, lastMs: 10 })).toMatchObject({
      ratio: 1_000,
      perSecond: 1_000_000,
      lastMs: 10,
    });
    expect(new Budget('a', { whenSpent: 'stop' }).whenSpent).toBe('stop');
    expect(new Budget('a', { whenSpent: 'wait' }).whenSpent).toBe('wait');
  });

  test('so are a name and options that are none', () => {
    expect(thrown(() => new Budget(''))).toMatchObject({ option: 'budget.name' });
    expect(thrown(() => new Budget('a', 0.2 as never))).toMatchObject({ option: 'budget' });
  });
});

const steps = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('shots' as const), n: fc.oneof(fc.nat(10), fc.nat(300)) }),
    fc.record({ does: fc.constantFrom('outage' as const, 'contention' as const), n: fc.nat(40) }),
    fc.record({
      does: fc.constant('wait' as const),
      n: fc.oneof(fc.nat(60), fc.nat(1_500)),
    }),
  ),
  { maxLength: 80, size: 'max' },
);

/** How many there were, by when. */
class Tally {
  readonly #all: { readonly at: number; n: number }[] = [];

  add(at: number, n: number): void {
    this.#all.push({ at, n });
  }

  after(time: number): number {
    return this.#all.reduce((sum, { at, n }) => sum + (at > time ? n : 0), 0);
  }
}

test('in no window are more granted than it says, nor many fewer', () => {
  let granted = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom(0, 0.1, 0.2, 1, 3),
      fc.constantFrom(0, 1, 10),
      fc.constantFrom(100, 1_000, 1_234.5),
      (script, ratio, perSecond, lastMs) => {
        const clock = new ManualClock();
        const budget = new Budget('a', { ratio, perSecond, lastMs }, { clock });
        const began = new Tally();
        const spent: Record<BudgetKind, Tally> = { outage: new Tally(), contention: new Tally() };
        const floor = (perSecond * lastMs) / 1_000;

        const bounce = (kind: BudgetKind, now: number): boolean => {
          const available = budget.available(now, kind);
          const before = spent[kind].after(now - lastMs * 1.05);
          if (budget.spend(now, kind)) {
            spent[kind].add(now, 1);
            const most = ratio * (began.after(now - lastMs) + 64) + floor;
            return available >= 1 && spent[kind].after(now - lastMs) <= most + 1e-5;
          }
          const least = ratio * (began.after(now - lastMs * 0.95) - 64) + floor;
          return available === 0 && before + 1 > least - 1e-5;
        };

        for (const { does, n } of script) {
          const now = clock.now();
          if (does === 'wait') clock.block(n);
          else if (does === 'shots') {
            shots(budget, n);
            began.add(now, n);
          } else {
            const before = spent[does].after(-1);
            for (let nth = 0; nth < n; nth++) expect(bounce(does, now)).toBe(true);
            const more = spent[does].after(-1) - before;
            granted += more;
            refused += n - more;
          }
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(Math.min(granted, refused)).toBeGreaterThan(1_000);
});
