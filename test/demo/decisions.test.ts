/** The decisions: what the scoreboard told in a run, as the page shows it. */
import { announce, Cushion, createStrategy } from '@carom/core';
import type { Events } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import { Decisions, highest } from '../../demo/tally/decisions.js';

describe('decisions', () => {
  test('are told by the shots themselves, until nobody listens', async () => {
    let at = 0;
    const decisions = new Decisions(() => at);
    const cushion = new Cushion('decisions-test', {
      failures: 2,
      lastCalls: 2,
      whenOpen: 'reject',
    });
    const strategy = createStrategy({ retries: 1, baseDelay: 0, cushion });
    const failing = (): Promise<unknown> =>
      strategy.shot(() => Promise.reject(new Error('no'))).catch(() => undefined);
    at = 300;
    await failing();
    expect([decisions.retries, decisions.circuit, decisions.waiting]).toEqual([1, 'open', 0]);
    const shown = decisions.of(1_000);
    expect(shown.circuit).toEqual([
      { at: 0, state: 'closed' },
      { at: 300, state: 'open' },
    ]);
    expect(shown.retries).toEqual([0, 1, 0, 0]);
    decisions.close();
    cushion.close();
    await failing();
    expect(decisions.retries).toBe(1);
  });

  test('of the database are told too', () => {
    let at = 260;
    const decisions = new Decisions(() => at);
    const tell = <E extends keyof Events>(event: E, detail: object): void =>
      announce<Events, E>(event, () => detail as Events[E]);
    tell('connectionDiscarded', {});
    tell('poolDrained', {});
    tell('outcomeResolved', { outcome: 'committed', why: 'it is there' });
    at = 700;
    tell('outcomeUnknown', { why: 'lost' });
    tell('shotFailed', { id: 1, outcome: 'unknown' });
    decisions.close();
    expect(decisions.of(1_000)).toMatchObject({
      discarded: [0, 1, 0, 0],
      settled: [{ at: 260, outcome: 'committed', why: 'it is there' }],
      unknown: [{ at: 700, why: 'lost' }],
      totals: { discarded: 1, drained: 1, failed: { unknown: 1 } },
    });
  });

  test('count a shot as waiting until it is let in, turned away or given up', () => {
    let at = 0;
    const decisions = new Decisions(() => at);
    const tell = (
      event: 'shotParked' | 'shotReleased' | 'shotRejected' | 'shotFailed',
      id: number,
    ) => announce<Events, typeof event>(event, () => ({ id }) as Events[typeof event]);
    for (const id of [1, 2, 3]) tell('shotParked', id);
    at = 600;
    tell('shotReleased', 1);
    tell('shotRejected', 2);
    expect(decisions.waiting).toBe(1);
    tell('shotFailed', 3);
    expect(decisions.waiting).toBe(0);
    decisions.close();
    expect(decisions.of(1_000)).toMatchObject({ waiting: [3, 3, 3, 0], totals: { parked: 3 } });
  });
});

test('the highest in a stretch may be what it began with', () => {
  const levels = [
    { at: 100, count: 4 },
    { at: 760, count: 1 },
  ];
  expect(highest(levels, 1_250)).toEqual([4, 4, 4, 4, 1]);
  expect(highest([], 500)).toEqual([0, 0]);
});
