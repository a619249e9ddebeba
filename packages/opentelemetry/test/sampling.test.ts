/** Sampling, and the way from a metric to its trace. */
import { createStrategy } from '@carom/core';
import { CaromInstrumentation } from '@carom/opentelemetry';
import { describe, expect, test } from '@jest/globals';
import { type Context, context, type SpanContext, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { ends } from './ends.js';

/** Plays a shot; the span context that its attempt was played in. */
async function playedIn(): Promise<SpanContext | undefined> {
  const strategy = createStrategy({});
  return strategy.shot(async () => trace.getSpanContext(context.active()));
}

/** A tracer provider that decides so, and keeps what it was asked. */
function provider(decision: SamplingDecision) {
  const asked: string[] = [];
  const sampler: Sampler = {
    shouldSample: (_context, _traceId, name) => {
      asked.push(name);
      return { decision };
    },
    toString: () => 'of this test',
  };
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  return { tracers: new NodeTracerProvider({ sampler, spanProcessors }), asked, exporter };
}

function instrumented(config = {}): CaromInstrumentation {
  const instrumentation = new CaromInstrumentation(config);
  ends.push(() => instrumentation.disable());
  return instrumentation;
}

describe('a shot that is not sampled', () => {
  test('has no span for its attempt, and hands its decision on', async () => {
    const { tracers, asked, exporter } = provider(SamplingDecision.NOT_RECORD);
    tracers.register();
    instrumented({ metrics: false });
    const seen = await playedIn();
    expect(asked).toEqual(['carom shot']);
    expect(seen?.traceFlags).toBe(0);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  test('unlike one that is', async () => {
    const { tracers, asked } = provider(SamplingDecision.RECORD_AND_SAMPLED);
    tracers.register();
    instrumented({ metrics: false });
    expect((await playedIn())?.traceFlags).toBe(1);
    expect(asked).toEqual(['carom shot', 'attempt']);
  });
});

test('a provider may come after the instrumentation, and be replaced', async () => {
  const instrumentation = instrumented({ metrics: false });
  const first = provider(SamplingDecision.RECORD_AND_SAMPLED);
  first.tracers.register();
  await playedIn();
  expect(first.asked).toEqual(['carom shot', 'attempt']);
  const second = provider(SamplingDecision.RECORD_AND_SAMPLED);
  instrumentation.setTracerProvider(second.tracers);
  await playedIn();
  expect([first.asked.length, second.asked.length]).toEqual([2, 2]);
});

test("the duration is recorded in the context of the shot's span, where exemplars are looked for", async () => {
  const { tracers, exporter } = provider(SamplingDecision.RECORD_AND_SAMPLED);
  tracers.register();
  const recordedIn: (string | undefined)[] = [];
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 600_000,
  });
  const keeping = {
    process: (attributes: object, where?: Context) => {
      recordedIn.push(where && trace.getSpanContext(where)?.spanId);
      return { ...attributes };
    },
  };
  const meters = new MeterProvider({
    readers: [reader],
    views: [{ instrumentName: 'carom.shot.duration', attributesProcessors: [keeping] }],
  });
  ends.push(() => meters.shutdown());
  instrumented().setMeterProvider(meters);
  await playedIn();
  await playedIn();
  await reader.forceFlush();
  const shots = exporter.getFinishedSpans().filter(({ name }) => name === 'carom shot');
  expect(recordedIn).toHaveLength(2);
  expect(recordedIn).toEqual(shots.map((shot) => shot.spanContext().spanId));
});
