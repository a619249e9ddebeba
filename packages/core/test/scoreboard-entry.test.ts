import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import { Ear, heardStrategy } from './hear.js';
import { deferred, watch } from './scenario.js';

const who = { id: expect.any(Number), operation: 'order.create', datasource: 'orders-db' };

describe('what keeps a shot out', () => {
  test('a cushion: its changes, and who was rejected', async () => {
    const { clock, cushion, strategy, ear } = heardStrategy({ retries: 0 });
    using _ = ear;
    for (let n = 0; n < 3; n++) watch(strategy.shot(() => Promise.reject(new Error('x'))));
    await clock.settle();
    ear.heard.splice(
      0,
      ear.heard.findIndex(({ event }) => event === 'circuitOpened'),
    );
    expect(ear.heard[0]).toEqual({
      event: 'circuitOpened',
      at: 1_000,
      detail: {
        ...{ datasource: 'orders-db', previous: 'closed', retryAfter: 500 },
        ...{ decision: 'open', why: 'too many failures' },
      },
    });
    ear.heard.length = 0;
    const refused = watch(strategy.play({ name: 'order.create', play: () => 1 }));
    await clock.settle();
    expect(ear.names).toEqual(['shotStarted', 'shotRejected', 'shotFailed']);
    expect(ear.heard[1]?.detail).toEqual({
      ...who,
      ...{ attempt: 0, code: 'CAROM_CIRCUIT_OPEN', error: refused.error },
      ...{ decision: 'reject', why: (refused.error as Error).message },
    });
    expect(ear.heard[2]?.detail).toMatchObject({ attempt: 0, outcome: 'not-executed' });
    ear.heard.length = 0;
    await clock.advance(500);
    expect(ear.heard).toEqual([]);
    watch(strategy.shot(() => 'probe'));
    await clock.settle();
    const told = ear.heard.filter(({ event }) => event.startsWith('circuit'));
    expect(told).toMatchObject([
      {
        event: 'circuitHalfOpened',
        detail: { datasource: 'orders-db', previous: 'open', decision: 'half-open' },
      },
      {
        event: 'circuitClosed',
        detail: {
          ...{ datasource: 'orders-db', previous: 'half-open', retryAfter: 0 },
          ...{ decision: 'closed', why: 'a probe succeeded' },
        },
      },
    ]);
    ear.heard.length = 0;
    cushion.isolate();
    cushion.close();
    expect(ear.heard.map(({ event, detail }) => [event, detail])).toEqual([
      [
        'circuitIsolated',
        {
          ...{ datasource: 'orders-db', previous: 'closed', retryAfter: Number.POSITIVE_INFINITY },
          ...{ decision: 'isolated', why: 'by hand' },
        },
      ],
      [
        'circuitClosed',
        {
          ...{ datasource: 'orders-db', previous: 'isolated', retryAfter: 0 },
          ...{ decision: 'closed', why: 'by hand' },
        },
      ],
    ]);
  });

  test.each(['shotStarted', 'shotRejected', 'shotFailed'] as const)(
    'a cushion: heard by who listens to %s alone',
    async (event) => {
      const clock = new ManualClock();
      const cushion = new Cushion('orders-db', {}, { clock });
      cushion.isolate();
      using ear = new Ear(clock, [event]);
      const refused = watch(createStrategy({ clock, cushion }).shot(() => 1));
      await clock.settle();
      expect(ear.names).toEqual([event]);
      expect(refused.error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    },
  );

  test('a cushion: heard by who subscribes to its channel alone', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion('orders-db', {}, { clock });
    cushion.isolate();
    const heard: unknown[] = [];
    const hear = (event: unknown): unknown => heard.push(event);
    subscribe('carom:shotRejected', hear);
    watch(createStrategy({ clock, cushion }).shot(() => 1));
    await clock.settle();
    unsubscribe('carom:shotRejected', hear);
    watch(createStrategy({ clock, cushion }).shot(() => 1));
    await clock.settle();
    expect(heard).toMatchObject([{ datasource: 'orders-db', code: 'CAROM_CIRCUIT_OPEN' }]);
  });

  test('parked at a cushion, and released', async () => {
    const clock = new ManualClock(1_000);
    const cushion = new Cushion(
      'orders-db',
      { failures: 1, halfOpenAfter: 500, whenOpen: 'park' },
      { clock },
    );
    cushion.circuit.fail(cushion.circuit.enter());
    const { strategy, ear } = heardStrategy({ cushion }, clock);
    using _ = ear;
    watch(strategy.play({ name: 'order.create', play: () => 1 }));
    await clock.advance(500);
    expect(ear.heard.filter(({ event }) => event.startsWith('shot'))).toEqual([
      { event: 'shotStarted', at: 1_000, detail: who },
      {
        event: 'shotParked',
        at: 1_000,
        detail: { ...who, attempt: 0, decision: 'wait', why: 'the circuit is open' },
      },
      {
        event: 'shotReleased',
        at: 1_500,
        detail: {
          ...{ ...who, attempt: 0, waited: 500 },
          ...{ decision: 'admit', why: 'its turn' },
        },
      },
      { event: 'shotCompleted', at: 1_500, detail: { ...who, attempts: 1, duration: 500 } },
    ]);
  });

  test('parked for longer than its patience: rejected, and not released', async () => {
    const clock = new ManualClock(1_000);
    const cushion = new Cushion('orders-db', { failures: 1, whenOpen: 'park' }, { clock });
    cushion.circuit.fail(cushion.circuit.enter());
    const { strategy, ear } = heardStrategy({ cushion, patience: 200 }, clock);
    using _ = ear;
    watch(strategy.shot(() => 1));
    await clock.advance(1_000);
    expect(ear.names).toEqual(['shotStarted', 'shotParked', 'shotRejected', 'shotFailed']);
    expect(ear.heard[2]).toMatchObject({ at: 1_200, detail: { attempt: 0 } });
  });

  test('parked between two attempts: the attempts so far, and its own error at the end', async () => {
    const clock = new ManualClock(1_000);
    const cushion = new Cushion('orders-db', { failures: 1, whenOpen: 'park' }, { clock });
    const { strategy, ear } = heardStrategy({ cushion, patience: 300 }, clock);
    using _ = ear;
    const error = new Error('x');
    watch(strategy.shot(() => Promise.reject(error)));
    await clock.advance(1_000);
    expect(ear.names).toEqual([
      'shotStarted',
      'circuitOpened',
      'shotRetry',
      'shotParked',
      'shotRejected',
      'shotFailed',
    ]);
    expect(ear.heard.slice(3)).toMatchObject([
      { at: 1_100, detail: { attempt: 1 } },
      { at: 1_300, detail: { attempt: 1, error: { code: 'CAROM_CIRCUIT_OPEN' } } },
      { at: 1_300, detail: { attempt: 1, error } },
    ]);
  });

  test('a compartment without a queue: rejected, and never parked', async () => {
    const clock = new ManualClock(1_000);
    const compartment = new Compartment('c', { limit: 1 }, { clock });
    const { strategy, ear } = heardStrategy({ compartment }, clock);
    using _ = ear;
    compartment.tryEnter();
    const refused = watch(strategy.shot(() => 1));
    await clock.settle();
    expect(refused.error).toMatchObject({ code: 'CAROM_COMPARTMENT_FULL' });
    expect(ear.names).toEqual(['shotStarted', 'shotRejected', 'shotFailed']);
  });

  test('a queue at a gate is waiting to be let in, too', async () => {
    const clock = new ManualClock(1_000);
    const compartment = new Compartment('c', { limit: 1, maxQueued: 1 }, { clock });
    const { strategy, ear } = heardStrategy({ compartment }, clock);
    using _ = ear;
    const gate = deferred<number>();
    watch(strategy.shot(() => gate.promise));
    watch(strategy.shot(() => 2));
    await clock.advance(300);
    gate.resolve(1);
    await clock.settle();
    const told = ear.heard.filter(({ event }) => /Parked|Released/.test(event));
    expect(told).toMatchObject([
      {
        event: 'shotParked',
        at: 1_000,
        detail: { attempt: 0, decision: 'wait', why: 'not its turn yet' },
      },
      {
        event: 'shotReleased',
        at: 1_300,
        detail: { attempt: 0, waited: 300, decision: 'admit', why: 'its turn' },
      },
    ]);
  });
});
