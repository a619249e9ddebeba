/** The schedule and the plan: the same seed and length give the same faults and the same load. */
import { describe, expect, test } from '@jest/globals';
import { cuts, faultKinds, faultText, serverFaults } from '../../demo/faults/kinds.js';
import { adapters, isWrite } from '../../demo/load/operation.js';
import { deadlockPairs, operationsPerSecond, plan } from '../../demo/load/plan.js';
import { countFaults, schedule } from '../../demo/schedule.js';
import { products } from '../../demo/shop/goods.js';

const lengths = [2_000, 3_000, 20_000, 120_000];
const seeds = [0, 7, 99_999, 2 ** 32 - 1];
const cases = lengths.flatMap((runMs) => seeds.map((seed) => [seed, runMs] as const));

describe('the schedule', () => {
  test.each(cases)('of seed %d and %d ms is the same each time', (seed, runMs) => {
    expect(schedule(seed, runMs)).toEqual(schedule(seed, runMs));
  });

  test('of another seed is another', () => {
    expect(schedule(1, 20_000)).not.toEqual(schedule(2, 20_000));
  });

  test.each(cases)(
    'of seed %d and %d ms has each kind, in order, within the run',
    (seed, runMs) => {
      const faults = schedule(seed, runMs);
      expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds));
      const times = faults.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(Math.min(...times)).toBeGreaterThan(0);
      expect(Math.max(...times)).toBeLessThan(runMs * 0.9);
    },
  );

  test.each(cases)('of seed %d and %d ms leaves most of the run with a server', (seed, runMs) => {
    const server = schedule(seed, runMs).filter(({ downtime }) => downtime > 0);
    expect(server.map(({ kind }) => kind).sort()).toEqual(
      expect.arrayContaining([...serverFaults]),
    );
    const away = server.reduce((sum, { downtime }) => sum + downtime, 0);
    expect(away).toBeLessThan(runMs * 0.25);
  });

  test('has more faults in a longer run', () => {
    expect(schedule(7, 60_000).length).toBeGreaterThan(schedule(7, 20_000).length);
  });

  test('is counted by kind and altogether', () => {
    const faults = schedule(7, 20_000);
    const { total, ...kinds } = countFaults(faults);
    expect(total).toBe(faults.length);
    expect(Object.keys(kinds)).toEqual([...faultKinds]);
    expect(Object.values(kinds).reduce((a, b) => a + b, 0)).toBe(total);
    expect(kinds.promote).toBe(faults.filter(({ kind }) => kind === 'promote').length);
  });

  test('has no two kinds with the same name', () => {
    expect(new Set(faultKinds.map((kind) => faultText(kind).title)).size).toBe(faultKinds.length);
    expect(Object.keys(cuts)).toHaveLength(8);
  });
});

describe('the plan', () => {
  test.each(cases)('of seed %d and %d ms is the same each time', (seed, runMs) => {
    expect(plan(seed, runMs)).toEqual(plan(seed, runMs));
  });

  test('of another seed is another', () => {
    expect(plan(1, 3_000)).not.toEqual(plan(2, 3_000));
  });

  test('has every kind of operation from every client, each with an id of its own, in order of time', () => {
    const operations = plan(7, 20_000);
    expect(operations).toHaveLength(20 * operationsPerSecond);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    const kinds = new Set(operations.map(({ adapter, kind }) => `${adapter} ${kind}`));
    expect(kinds.size).toBe(adapters.length * 4);
    const times = operations.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(20_000);
  });

  test('moves goods from one product to another', () => {
    const planned = plan(7, 20_000).filter((operation) => operation.kind === 'transfer');
    expect(planned.filter(({ from, to }) => from === to)).toEqual([]);
    const used = planned.flatMap(({ from, to }) => [from, to]);
    expect([Math.min(...used), Math.max(...used)]).toEqual([1, products]);
  });

  test('provokes deadlocks by taking the same two rows in opposite orders', () => {
    const provoked = deadlockPairs(3, 100);
    expect(new Set(provoked.map(({ from, to }) => `${from} ${to}`)).size).toBe(2);
    expect(provoked.every((transfer) => isWrite(transfer) && transfer.pause > 0)).toBe(true);
  });
});
