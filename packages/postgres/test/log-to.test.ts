import { Writable } from 'node:stream';
import { Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { type LogOptions, logTo } from '@carom/postgres';
import { afterEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly carom: string;
  readonly id?: number;
  readonly [field: string]: unknown;
}

/** What a real pino writes while it listens. */
function log(options?: LogOptions): Line[] {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  stops.push(logTo(pino({ level: 'debug' }, stream), options));
  return lines;
}

/** One shot that fails at first, and is played again, on a clock of its own. */
async function retryOnce(): Promise<void> {
  const clock = new ManualClock();
  const cushion = new Cushion('orders', { failures: 1, halfOpenAfter: 50 }, { clock });
  let calls = 0;
  const shot = createStrategy({ clock, cushion, jitter: false }).play({
    name: 'order.create',
    play: () => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error('a secret'), { code: 'ECONNRESET' });
    },
  });
  await clock.advance(1_000);
  await shot;
}

describe('pino', () => {
  test('gets the decisions at their levels, without the text of an error', async () => {
    const lines = log();
    await retryOnce();
    expect(lines.map(({ level, carom }) => [level, carom])).toEqual([
      [50, 'circuitOpened'],
      [40, 'shotRetry'],
      [30, 'circuitHalfOpened'],
      [30, 'circuitClosed'],
    ]);
    expect(lines[1]).toMatchObject({
      msg: 'carom: attempt failed, it is played again',
      ...{ operation: 'order.create', datasource: 'orders', attempt: 1, delay: 100 },
      verdict: { code: 'ECONNRESET' },
    });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('gets what every shot does where that is asked for', async () => {
    const lines = log({
      sample: { shotStarted: 1, shotCompleted: 1, shotRetry: 0, circuitOpened: 0 },
    });
    await retryOnce();
    expect(lines.map(({ level, carom }) => [level, carom])).toEqual([
      [20, 'shotStarted'],
      [30, 'circuitHalfOpened'],
      [30, 'circuitClosed'],
      [20, 'shotCompleted'],
    ]);
  });

  test('gets a share of the shots, of each of these everything, and of circuits all', async () => {
    const lines = log({ sample: 0.25 });
    const more = log({ sample: { shotRetry: 0.25, shotCompleted: 0.25 } });
    for (let n = 0; n < 200; n++) await retryOnce();
    const ids = (of: readonly Line[], event: string): readonly (number | undefined)[] =>
      of.filter(({ carom }) => carom === event).map(({ id }) => id);
    expect(ids(lines, 'shotRetry').length).toBeGreaterThan(40);
    expect(ids(lines, 'shotRetry').length).toBeLessThan(60);
    expect(ids(lines, 'circuitOpened')).toHaveLength(200);
    expect(ids(more, 'shotCompleted')).toEqual(ids(lines, 'shotRetry'));
    expect(ids(more, 'shotRetry')).toEqual(ids(lines, 'shotRetry'));
  });

  test('gets nothing any more once that is ended', async () => {
    const controller = new AbortController();
    const lines = log({ signal: controller.signal });
    const others = log();
    controller.abort();
    for (const stop of stops.splice(0)) stop();
    await retryOnce();
    expect([...lines, ...others]).toEqual([]);
    expect(createStrategy().enter()).not.toBe(0);
  });
});

test.each<[string, unknown, unknown]>([
  ['logger', {}, undefined],
  ['logger', undefined, undefined],
  ['sample', pino(), { sample: 2 }],
  ['shotRetry', pino(), { sample: { shotRetry: -1 } }],
  ['shotRetried', pino(), { sample: { shotRetried: 1 } }],
  ['level', pino(), { level: 'warn' }],
])('a wrong %s is named', (option, logger, options) => {
  expect(() => logTo(logger as never, options as never)).toThrow(`\`${option}\``);
});
