import { readFileSync } from 'node:fs';
import { Cushion, createStrategy, type StrategyOptions } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { CaromInstrumentation } from '@carom/opentelemetry';
import { scoreboard } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import { type Attributes, trace } from '@opentelemetry/api';
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { ends } from './ends.js';

/** An instrumentation with an SDK that keeps everything in memory. */
function world(config?: ConstructorParameters<typeof CaromInstrumentation>[0]) {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  tracerProvider.register();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    ...{ exporter: metrics, exportIntervalMillis: 600_000 },
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const instrumentation = new CaromInstrumentation(config);
  const instrumentations: Instrumentation[] = [instrumentation];
  ends.push(registerInstrumentations({ tracerProvider, meterProvider, instrumentations }));
  ends.push(() => instrumentation.disable());
  ends.push(() => meterProvider.shutdown());
  const points = async (name: string): Promise<readonly [Attributes, unknown][]> => {
    await reader.forceFlush();
    const all =
      metrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    const found = all.find(({ descriptor }) => descriptor.name === name);
    return (found?.dataPoints ?? []).map(({ attributes, value }) => [attributes, value]);
  };
  return { instrumentation, exporter, points };
}

function failing(times: number, code = '40P01'): () => Promise<string> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error('a secret'), { code });
    return 'done';
  };
}

/** Plays one shot to its end, on a clock of its own. */
async function play(
  action: () => Promise<unknown>,
  options: StrategyOptions = {},
): Promise<unknown> {
  const clock = new ManualClock();
  const strategy = createStrategy({ clock, jitter: false, ...options });
  const result = strategy
    .play({ name: 'order.create', service: 'orders', play: action })
    .catch((error: unknown) => error);
  await clock.advance(100_000);
  return result;
}

test('carries the version of the package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { instrumentationName, instrumentationVersion } = new CaromInstrumentation({
    enabled: false,
  });
  expect(JSON.parse(manifest)).toMatchObject({
    name: instrumentationName,
    version: instrumentationVersion,
  });
});

describe('traces', () => {
  test('alone: no metric, and the attempt is the active span while it is played', async () => {
    const { exporter, points } = world({ metrics: false });
    const active: unknown[] = [];
    await play(async () => {
      await Promise.resolve();
      active.push(trace.getActiveSpan());
      trace.getTracer('inner').startSpan('inner').end();
    });
    const [inner, attempt, shot] = exporter.getFinishedSpans();
    expect([inner?.name, attempt?.name, shot?.name]).toEqual([
      ...['inner', 'attempt', 'carom order.create'],
    ]);
    expect(inner?.parentSpanContext?.spanId).toBe(attempt?.spanContext().spanId);
    expect(attempt?.parentSpanContext?.spanId).toBe(shot?.spanContext().spanId);
    expect(trace.getActiveSpan()).toBeUndefined();
    expect(await points('carom.shot.duration')).toEqual([]);
  });

  test('of a failure: its code and its verdict, and not the text of the error', async () => {
    const { exporter } = world();
    await play(failing(9, '23505'), {
      retries: 1,
      classify: () => ({
        ...{ kind: 'permanent', outcome: 'rolled-back', connection: 'keep' },
        ...{ code: '23505', reason: 'the key exists already' },
      }),
    });
    const [attempt, shot] = exporter.getFinishedSpans();
    for (const span of [attempt, shot]) {
      expect(span?.status).toEqual({ code: 2, message: 'the key exists already' });
      expect(span?.attributes).toMatchObject({
        'error.type': '23505',
        'db.response.status_code': '23505',
        'carom.outcome': 'rolled-back',
      });
    }
    expect(shot?.attributes).toMatchObject({ 'carom.attempts': 1 });
    expect(JSON.stringify([attempt?.attributes, shot?.attributes, shot?.events])).not.toContain(
      'secret',
    );
  });

  test('of what happens between the attempts: events with their times', async () => {
    const { exporter } = world();
    const clock = new ManualClock();
    const cushion = new Cushion(
      'c',
      { failures: 1, halfOpenAfter: 500, whenOpen: 'park' },
      { clock },
    );
    const strategy = createStrategy({ clock, cushion, jitter: false });
    const result = strategy.shot(failing(1));
    await clock.advance(10_000);
    expect(await result).toBe('done');
    const shot = exporter.getFinishedSpans().find(({ name }) => name !== 'attempt');
    expect(shot?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        'carom.retry',
        {
          ...{ 'carom.attempt': 1, 'carom.retry.delay': 0.1 },
          ...{ 'carom.decision': 'retry', 'carom.why': 'retry 1 of 3: a failure' },
        },
      ],
      ['carom.parked', { 'carom.decision': 'wait', 'carom.why': 'the circuit is open' }],
      [
        'carom.released',
        {
          'carom.waited': 0.4,
          ...{ 'carom.decision': 'admit', 'carom.why': 'its turn' },
        },
      ],
    ]);
  });

  test('of a synchronous shot, and of one that nobody has named', () => {
    const { exporter } = world({ system: false });
    createStrategy().shotSync(() => 1);
    const [attempt, shot] = exporter.getFinishedSpans();
    expect([attempt?.name, shot?.name]).toEqual(['attempt', 'carom shot']);
    expect(shot?.attributes).toEqual({});
  });

  test('end with the instrumentation, also of what is on its way', async () => {
    const { exporter, instrumentation } = world();
    const strategy = createStrategy();
    let finish: (() => void) | undefined;
    const shot = strategy.shot(() => new Promise<void>((resolve) => (finish = resolve)));
    instrumentation.disable();
    finish?.();
    await shot;
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['attempt', 'carom shot']);
    await strategy.shot(() => 1);
    expect(exporter.getFinishedSpans()).toHaveLength(2);
    expect(strategy.enter()).not.toBe(0);
  });
});

describe('metrics', () => {
  const where = {
    'db.system.name': 'postgresql',
    'db.operation.name': 'order.create',
    'carom.datasource': 'orders',
  };

  test('alone: no span; retries with their delay, the duration, what became of it', async () => {
    const { exporter, points } = world({ traces: false });
    await play(failing(2));
    await play(failing(9), { retries: 0 });
    expect(exporter.getFinishedSpans()).toEqual([]);
    const failed = { 'error.type': '40P01', 'db.response.status_code': '40P01' };
    const outage = { ...failed, 'carom.verdict.kind': 'outage', 'carom.outcome': 'unknown' };
    expect(await points('carom.retry.attempts')).toEqual([[{ ...where, ...outage }, 2]]);
    expect(await points('carom.retry.delay')).toEqual([
      [where, expect.objectContaining({ count: 2, sum: 0.1 + 0.2 })],
    ]);
    expect(await points('carom.shot.outcomes')).toEqual([
      [{ ...where, 'carom.outcome': 'completed' }, 1],
      [{ ...where, ...outage }, 1],
    ]);
    expect(await points('carom.shot.duration')).toMatchObject([
      [{ 'carom.outcome': 'completed' }, { count: 1 }],
      [{ 'carom.outcome': 'unknown' }, { count: 1, sum: 0 }],
    ]);
  });

  test('of a circuit: openings, its state, who waits and for how long', async () => {
    const { points } = world();
    const clock = new ManualClock();
    const cushion = new Cushion(
      'c',
      { failures: 1, halfOpenAfter: 500, whenOpen: 'park' },
      { clock },
    );
    const strategy = createStrategy({ clock, cushion, jitter: false });
    const result = strategy.shot(failing(1));
    await clock.advance(300);
    const state = async () =>
      Object.fromEntries(
        (await points('carom.circuit.state')).map(([attributes, value]) => [
          ...[attributes['carom.circuit.state'], value],
        ]),
      );
    expect(await state()).toEqual({ open: 1, closed: 0, 'half-open': 0, isolated: 0 });
    expect(await points('carom.shot.parked')).toMatchObject([[{ 'carom.datasource': 'c' }, 1]]);
    await clock.advance(10_000);
    await result;
    expect(await state()).toEqual({ open: 0, closed: 1, 'half-open': 0, isolated: 0 });
    expect(await points('carom.circuit.opened')).toMatchObject([[{ 'carom.datasource': 'c' }, 1]]);
    expect(await points('carom.shot.parked')).toMatchObject([[{}, 0]]);
    expect(await points('carom.shot.parked.time')).toMatchObject([[{}, { count: 1, sum: 0.4 }]]);
  });

  test('lose no duration when the instrumentation ends', async () => {
    const { points, instrumentation } = world();
    await play(failing(0));
    instrumentation.disable();
    expect(await points('carom.shot.duration')).toMatchObject([[where, { count: 1 }]]);
  });

  test('have no duration of a shot that began before anybody listened, but its end', async () => {
    let fail: (error: Error) => void = () => {};
    const gate = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const result = play(() => gate).catch(() => {});
    const { points } = world();
    fail(new TypeError('x'));
    await result;
    expect(await points('carom.shot.duration')).toEqual([]);
    expect(await points('carom.shot.outcomes')).toMatchObject([[where, 1]]);
  });

  test('have finitely many series: after 200 operations the rest are one', async () => {
    const { points } = world({ traces: false });
    const strategy = createStrategy();
    for (let n = 0; n < 300; n++) await strategy.play({ name: `operation ${n}`, play: () => n });
    const series = await points('carom.shot.outcomes');
    expect(series).toHaveLength(201);
    expect(series.at(-1)).toEqual([
      expect.objectContaining({ 'db.operation.name': '_OTHER' }),
      100,
    ]);
  });
});

describe('the instrumentation', () => {
  test('begins when it is made, or when it is told so, and never twice', async () => {
    const { exporter, instrumentation } = world({ enabled: false });
    instrumentation.enable();
    instrumentation.enable();
    await createStrategy().shot(() => 1);
    expect(exporter.getFinishedSpans()).toHaveLength(2);
  });

  test('takes another configuration while it runs', async () => {
    const { exporter, instrumentation } = world();
    instrumentation.setConfig({ traces: false });
    await createStrategy().shot(() => 1);
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(instrumentation.getConfig()).toMatchObject({ traces: false, metrics: true });
  });

  test('names an option that is wrong', () => {
    expect(() => new CaromInstrumentation({ trace: true } as never)).toThrow('`trace`');
    expect(() => new CaromInstrumentation({ system: '' })).toThrow('`system`');
  });

  test('leaves the other listeners alone', async () => {
    world();
    const heard: string[] = [];
    using _ = scoreboard.on('shotCompleted', ({ operation }) => heard.push(String(operation)));
    await play(failing(0));
    expect(heard).toEqual(['order.create']);
  });
});
