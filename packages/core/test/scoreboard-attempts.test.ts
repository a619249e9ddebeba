import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { createStrategy, scoreboardWith, withError } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { announce } from '../src/telemetry/announce.js';
import { Ear, events, heardStrategy, subscriptions } from './hear.js';
import { failing, never, thrown, watch } from './scenario.js';

const { on, stopAll } = subscriptions();
afterEach(stopAll);

describe('attempts', () => {
  test('are told one by one, with what came of each, and of which shot they are', async () => {
    const { clock, strategy, ear: early } = heardStrategy();
    early[Symbol.dispose]();
    using ear = new Ear(clock, events);
    const error = Object.assign(new Error('1'), { code: '40P01' });
    let phase = 'statement';
    const play = failing([error], 'done');
    watch(strategy.play({ name: 'order.create', service: 'orders', play, phase: () => phase }));
    await clock.settle();
    phase = 'commit';
    await clock.advance(1_000);
    expect(ear.names).toEqual([
      'shotStarted',
      'attemptStarted',
      'attemptEnded',
      'shotRetry',
      'attemptStarted',
      'attemptEnded',
      'shotCompleted',
    ]);
    const [started, ...rest] = ear.heard.map(({ detail }) => detail);
    const who = { ...started, attempt: 1 };
    expect(rest.slice(0, 4)).toEqual([
      who,
      {
        ...{ ...who, phase: 'statement', error, code: '40P01' },
        verdict: expect.objectContaining({ code: '40P01' }),
      },
      expect.objectContaining({ phase: 'statement' }),
      { ...who, attempt: 2 },
    ]);
    expect(rest[4]).toEqual({
      ...who,
      ...{ attempt: 2, phase: 'commit', error: undefined, verdict: undefined },
    });
    expect(started).toMatchObject({ operation: 'order.create', datasource: 'orders' });
  });

  test('of two shots are told apart', async () => {
    const { strategy, ear } = heardStrategy();
    using _ = ear;
    await Promise.all([strategy.shot(() => 1), strategy.shot(() => 2)]);
    const ids = ear.told.map((event) => ('id' in event ? event.id : 0));
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(2);
  });

  test('whose phase cannot be read fail as they do', async () => {
    const { clock, strategy, ear } = heardStrategy({ retries: 0 });
    using _ = ear;
    const error = new Error('x');
    const phase = (): string => {
      throw new Error('of phase');
    };
    const result = watch(strategy.play({ play: failing([error], 1), phase }));
    await clock.settle();
    expect(result.error).toBe(error);
    expect(ear.heard.at(-1)?.detail).toMatchObject({ error, phase: undefined });
  });
});

describe('what an event shows', () => {
  test('is not the error: it has the very object, and nobody writes it down by accident', async () => {
    const { clock, strategy, ear } = heardStrategy({ retries: 1 });
    using _ = ear;
    const error = Object.assign(new Error('insert … values (secret)'), { detail: 'secret' });
    watch(strategy.shot(() => Promise.reject(error)));
    await clock.advance(1_000);
    const failed = ear.told.filter((event) => 'error' in event);
    expect(failed.map((event) => (event as { error: unknown }).error)).toEqual([error, error]);
    for (const event of failed) {
      const copy: object = { ...event };
      expect(JSON.stringify(event) + inspect(event) + inspect(copy)).not.toContain('secret');
    }
  });
});

describe('around an attempt', () => {
  const storage = new AsyncLocalStorage<string>();

  test('stands a context in which the attempt is played, and nothing else', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, jitter: false });
    const told: unknown[] = [];
    const seen: unknown[] = [];
    on('shotRetry', () => seen.push(storage.getStore()));
    const stop = around((event, play) => {
      told.push(event);
      storage.run(`attempt ${event.attempt}`, play);
    });
    const play = async ({ attempt }: { readonly attempt: number }): Promise<string> => {
      await Promise.resolve();
      seen.push(storage.getStore());
      if (attempt === 1) throw new Error('x');
      return 'done';
    };
    const result = watch(strategy.play({ name: 'order.create', play }));
    await clock.advance(1_000);
    stop();
    expect(result.value).toBe('done');
    expect(seen).toEqual(['attempt 1', undefined, 'attempt 2']);
    expect(told).toMatchObject([{ attempt: 1, operation: 'order.create' }, { attempt: 2 }]);
    await strategy.shot(() => seen.push(storage.getStore()));
    expect(seen.at(-1)).toBe(undefined);
    expect(strategy.shotSync(() => 'sync')).toBe('sync');
  });

  test('nobody can change it: played once, with its own result and its own error', async () => {
    const strategy = createStrategy({ retries: 0 });
    const wrongs: readonly ((event: unknown, play: () => void) => unknown)[] = [
      () => {},
      (_event, play) => [play(), play()],
      (_event, play) => {
        play();
        throw new Error('of the tracer');
      },
      () => {
        throw new Error('of the tracer');
      },
      async (_event, play) => {
        await Promise.resolve();
        play();
      },
    ];
    for (const wrong of wrongs) {
      const stop = around(wrong as never);
      let calls = 0;
      expect(
        await strategy.shot(() => {
          calls += 1;
          return 'done';
        }),
      ).toBe('done');
      expect(strategy.shotSync(() => 'sync')).toBe('sync');
      const error = new Error('x');
      await expect(strategy.shot(() => Promise.reject(error))).rejects.toBe(error);
      expect(
        thrown(() =>
          strategy.shotSync(() => {
            throw error;
          }),
        ),
      ).toBe(error);
      stop();
      expect(calls).toBe(1);
    }
  });

  test('stands a function, and what is none is refused', () => {
    expect(thrown(() => around('tracer' as never))).toMatchObject({ option: 'around' });
  });

  test('two tracers stand one in the other, and a clock ends an attempt all the same', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, retries: 0, attemptTimeout: 50 });
    const order: string[] = [];
    const stops = ['one', 'two'].map((name) =>
      around((_event, play) => {
        order.push(name);
        play();
      }),
    );
    const result = watch(strategy.shot(never));
    await clock.advance(50);
    for (const stop of stops) stop();
    expect(order).toEqual(['two', 'one']);
    expect(result.error).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect(createStrategy().enter()).not.toBe(0);
  });
});

test('a package built on this one has events of its own, on the same scoreboard', () => {
  interface More {
    readonly poolPainted: { readonly colour: string };
  }
  expect(() => on('poolPainted' as never, () => {})).toThrow('poolPainted');
  const wider = scoreboardWith<More>(['poolPainted']);
  const heard: string[] = [];
  using _ = wider.on('poolPainted', ({ colour }) => heard.push(colour));
  announce<More>('poolPainted', () => withError({ colour: 'blue' }, new Error('x')));
  expect(heard).toEqual(['blue']);
});

function around(...args: Parameters<typeof import('@carom/core').scoreboard.around>): () => void {
  return scoreboardWith([]).around(...args);
}
