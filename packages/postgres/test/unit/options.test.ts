import { Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { createExecution } from '../../src/execution.js';
import { checkExecutionCall } from '../../src/options.js';

const address = { host: 'db.internal', port: 5432, database: 'orders' };

describe('the options of the adapters', () => {
  test.each([
    [{ retries: -1 }, /`retries` is -1; allowed: a whole number from 0/],
    [{ retries: '5' }, /`retries` is "5"; allowed/],
    [{ datasource: '' }, /`datasource` is ""; allowed: a string that is not empty/],
    [{ retires: 5 }, /unknown option `retires` \(given 5\); allowed: .*retries/],
    [{ idempotent: true }, /unknown option `idempotent`/],
    [{ cushion: { ratio: 2 } }, /`cushion.ratio` is 2; allowed: a number above 0, up to 1/],
    [{ cushion: { failures: 5, ratio: 0.5 } }, /`cushion.ratio` is 0.5; allowed: either/],
    [{ baseDelay: 500, maxDelay: 100 }, /`baseDelay` is 500; allowed: up to maxDelay \(100\)/],
    [{ signal: 'stop' }, /`signal` is "stop"; allowed: an AbortSignal/],
  ])('%j is refused by name', (options, message) => {
    expect(() => createExecution(options as object, address)).toThrow(message);
  });

  test('a call takes `idempotent`, and not what belongs to the client', () => {
    expect(checkExecutionCall({ idempotent: true, retries: 0 })).toEqual({
      idempotent: true,
      retries: 0,
    });
    expect(() => checkExecutionCall({ cushion: false } as object)).toThrow(
      /unknown option `cushion`/,
    );
  });

  test('clients of one datasource share a circuit and a budget', () => {
    const circuit = (options?: object, at = address) =>
      createExecution(options, at).strategy.cushion?.circuit;
    expect(circuit()).toBe(circuit({ retries: 1 }));
    expect(circuit()).not.toBe(circuit(undefined, { ...address, port: 5433 }));
    expect(circuit()).not.toBe(circuit({ datasource: 'reports' }));
    const clock = new ManualClock();
    expect(circuit({ clock })).not.toBe(circuit());
    expect(circuit({ clock })).toBe(circuit({ clock }));
  });

  test('`false` is no circuit, a `Cushion` is that one', () => {
    expect(createExecution({ cushion: false }, address).strategy.cushion).toBeUndefined();
    const cushion = new Cushion('mine');
    expect(createExecution({ cushion }, address).strategy.cushion).toBe(cushion);
  });

  test('a strategy made before keeps what it says, and gets the defaults for the rest', () => {
    const made = createStrategy({ retries: 1, timeout: 500 });
    const { strategy } = createExecution(made, address);
    expect(strategy.options).toMatchObject({ retries: 1, timeout: 500, patience: 10_000 });
    expect(strategy.cushion).toBeDefined();
    expect(
      createExecution(createStrategy({ cushion: false }), address).strategy.cushion,
    ).toBeUndefined();
  });

  test('the host is in no name and no message', async () => {
    const { datasource, strategy } = createExecution({ clock: new ManualClock() }, address);
    expect(datasource).toBe('postgres/orders');
    strategy.cushion?.isolate();
    await expect(strategy.shot(() => 1)).rejects.toThrow(/postgres\/orders/);
    await expect(strategy.shot(() => 1)).rejects.not.toThrow(/db\.internal/);
  });
});
