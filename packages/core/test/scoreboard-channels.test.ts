import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { Cushion, createStrategy, scoreboard } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { announce } from '../src/telemetry/announce.js';
import { Ear, events, fallback } from './hear.js';
import { failing, thrown, watch } from './scenario.js';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function hear(name: string, listener: (message: unknown) => void): void {
  subscribe(name, listener);
  stops.push(() => unsubscribe(name, listener));
}

/** An event whose channel nobody has asked for yet. */
let added = 0;

const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/** Everything on the tracing channel, with what the trace said at that time. */
function traces(): { readonly at: [string, object][]; readonly messages: Set<unknown> } {
  const at: [string, object][] = [];
  const messages = new Set<unknown>();
  for (const name of names) {
    hear(`tracing:carom:shot:${name}`, (message) => {
      at.push([name, { ...(message as object) }]);
      messages.add(message);
    });
  }
  return { at, messages };
}

describe('the channel of an event', () => {
  test('tells the very events that the scoreboard tells', async () => {
    const clock = new ManualClock();
    using ear = new Ear(clock, events);
    const heard: unknown[] = [];
    for (const event of events) hear(`carom:${event}`, (message) => heard.push(message));
    const cushion = new Cushion('c', { failures: 1, lastCalls: 1, halfOpenAfter: 10 }, { clock });
    watch(createStrategy({ clock, cushion }).shot(failing([new Error('x')], 'done')));
    await clock.advance(60_000);
    expect(heard).toHaveLength(ear.told.length);
    for (const [index, message] of heard.entries()) expect(message).toBe(ear.told[index]);
    expect(ear.names).toContain('circuitOpened');
    expect(ear.names).toContain('attemptEnded');
  });

  test.each(events)('%s is heard by whoever listens to nothing else', async (event) => {
    const heard = jest.fn();
    hear(`carom:${event}`, heard);
    announce(event, () => ({}) as never);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test.each(['shotStarted', 'attemptStarted', 'attemptEnded', 'shotCompleted'])(
    '%s takes every shot from the fast path, and gives it back',
    async (event) => {
      const strategy = createStrategy();
      const heard = jest.fn();
      hear(`carom:${event}`, heard);
      expect(strategy.enter()).toBe(0);
      await strategy.shot(() => 1);
      strategy.shotSync(() => 1);
      expect(heard).toHaveBeenCalledTimes(2);
      for (const stop of stops.splice(0)) stop();
      await strategy.shot(() => 1);
      expect(strategy.enter()).not.toBe(0);
      expect(heard).toHaveBeenCalledTimes(2);
    },
  );

  test('has its name, also where another package adds the event', () => {
    const event = `addedByTest${added++}`;
    const heard = jest.fn();
    hear(`carom:${event}`, heard);
    announce<Record<string, object>>(event, () => ({}));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test('a subscriber and a listener hear at a time', async () => {
    const [subscribed, listening] = [jest.fn(), jest.fn()];
    hear('carom:shotCompleted', subscribed);
    stops.push(scoreboard.on('shotCompleted', listening));
    await createStrategy().shot(() => 1);
    expect([subscribed, listening].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  test('nothing is made while nobody is subscribed', () => {
    const detail = jest.fn(fallback);
    announce('fallbackUsed', detail);
    hear('carom:fallbackUsed', () => {});
    for (const stop of stops.splice(0)) stop();
    announce('fallbackUsed', detail);
    expect(detail).not.toHaveBeenCalled();
  });
});

describe('the trace of a shot', () => {
  test('starts, ends its synchronous part, and ends: one object, and no result in it', async () => {
    const clock = new ManualClock();
    const { at, messages } = traces();
    const strategy = createStrategy({ clock, jitter: false });
    const play = failing([new Error('x')], 'rows');
    const result = watch(strategy.play({ name: 'order.create', service: 'orders', play }));
    expect(at.map(([name]) => name)).toEqual(['start', 'end']);
    await clock.advance(1_000);
    expect(result.value).toBe('rows');
    const who = { id: expect.any(Number), operation: 'order.create', datasource: 'orders' };
    expect(at).toEqual([
      ['start', { ...who, attempts: 0 }],
      ['end', { ...who, attempts: 0 }],
      ['asyncStart', { ...who, attempts: 2 }],
      ['asyncEnd', { ...who, attempts: 2 }],
    ]);
    expect(messages.size).toBe(1);
  });

  test('has the error of one that failed, which is not written down', async () => {
    const { at, messages } = traces();
    const error = new Error('values (secret)');
    await expect(createStrategy({ retries: 0 }).shot(() => Promise.reject(error))).rejects.toBe(
      error,
    );
    expect(at.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    const [trace] = messages as Set<{ readonly error?: unknown }>;
    expect(trace?.error).toBe(error);
    expect(JSON.stringify(trace)).not.toContain('secret');
  });

  test('of a synchronous shot has no asynchronous part', () => {
    const { at } = traces();
    const strategy = createStrategy({ retries: 0 });
    expect(strategy.shotSync(() => 'done')).toBe('done');
    const error = new Error('x');
    const failed = (): never => {
      throw error;
    };
    expect(thrown(() => strategy.shotSync(failed))).toBe(error);
    expect(
      at.map(([name, { attempts }]: [string, { attempts?: number }]) => [name, attempts]),
    ).toEqual([
      ['start', 0],
      ['end', 1],
      ['start', 0],
      ['error', 0],
      ['end', 1],
    ]);
  });

  test('gives the attempts the stores that are bound to its start', async () => {
    const storage = new AsyncLocalStorage<unknown>();
    const { start } = tracingChannel('carom:shot');
    start.bindStore(storage, (trace) => (trace as { readonly operation: string }).operation);
    stops.push(() => start.unbindStore(storage));
    const strategy = createStrategy();
    const seen = await strategy.play({
      name: 'order.create',
      play: async () => {
        await Promise.resolve();
        return storage.getStore();
      },
    });
    expect([seen, storage.getStore()]).toEqual(['order.create', undefined]);
  });

  test.each(names)('is made for a subscriber of `%s` alone, and of no one else', (name) => {
    const strategy = createStrategy();
    hear(`tracing:carom:shot:${name}`, () => {});
    expect(strategy.enter()).toBe(0);
    for (const stop of stops.splice(0)) stop();
    expect(strategy.enter()).not.toBe(0);
    expect(channel(`tracing:carom:shot:${name}`).hasSubscribers).toBe(false);
  });
});
