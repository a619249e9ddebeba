/** What being watched costs: the processor's time per query of Carom with all listeners and OpenTelemetry on, and without. */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { CaromInstrumentation } from '@carom/opentelemetry';
import { type Events, logTo, scoreboard } from '@carom/postgres';
import { startCluster } from '@carom/testing';
import { context, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { median } from '../median.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '151' },
    queries: { type: 'string', default: '100' },
    sql: { type: 'string', default: 'SELECT 1' },
  },
});
const rounds = Number(values.rounds);
const queries = Number(values.queries);

/** `ExportResultCode.SUCCESS`. */
const success = 0;

/** What is exported is thrown away: sending it is the exporter's cost, and the same for whoever made the spans. */
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: success }),
  shutdown: async () => {},
};
const tracerProvider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(nowhere, { maxQueueSize: 20_000 })],
});
tracerProvider.register();
const meterProvider = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: {
        export: (_metrics, done) => done({ code: success }),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
      exportIntervalMillis: 5_000,
    }),
  ],
});
const carom = new CaromInstrumentation({ enabled: false });
registerInstrumentations({
  ...{ tracerProvider, meterProvider },
  instrumentations: [new PgInstrumentation()],
});
carom.setTracerProvider(tracerProvider);
carom.setMeterProvider(meterProvider);

// Only now: the instrumentation patches what is required after it.
const pg: typeof import('pg') = createRequire(import.meta.url)('pg');
const { wrapPool } = await import('@carom/pg');

const cluster = await startCluster();
const bare = new pg.Pool({ ...cluster.primary.config, max: 1 });
const wrapped = wrapPool(new pg.Pool({ ...cluster.primary.config, max: 1 }));

/** Every event has a listener, and what goes wrong is logged. */
const silent = (): void => {};
function listenToAll(): () => void {
  const names: readonly (keyof Events)[] = [
    ...(['shotStarted', 'attemptStarted', 'attemptEnded', 'shotCompleted', 'shotFailed'] as const),
    ...(['shotRetry', 'shotTimeout', 'shotParked', 'shotReleased', 'shotRejected'] as const),
    ...(['budgetExhausted', 'fallbackUsed', 'circuitOpened', 'circuitHalfOpened'] as const),
    ...(['circuitClosed', 'circuitIsolated', 'outcomeResolved', 'outcomeUnknown'] as const),
    ...(['connectionDiscarded', 'poolDrained'] as const),
  ];
  const stops = names.map((name) => scoreboard.on(name, silent));
  stops.push(logTo({ debug: silent, info: silent, warn: silent, error: silent }));
  return () => {
    for (const stop of stops) stop();
  };
}

/** As little as two spans and one duration can cost: the SDK called by hand, and nothing of Carom listening. */
const tracer = tracerProvider.getTracer('floor');
const duration = meterProvider.getMeter('floor').createHistogram('floor', { unit: 's' });
const attributes = { 'db.system.name': 'postgresql', 'carom.outcome': 'completed' };
async function byHand(): Promise<unknown> {
  const shot = tracer.startSpan('carom query', { attributes });
  const outer = trace.setSpan(context.active(), shot);
  const attempt = tracer.startSpan('attempt', {}, outer);
  const inner = trace.setSpan(outer, attempt);
  const result = await context.with(inner, () => wrapped.query(values.sql));
  attempt.end();
  duration.record(0.001, attributes, outer);
  shot.end();
  return result;
}

type Variant = 'pg' | 'carom' | 'floor' | 'listeners' | 'watched';
interface How {
  readonly pool: typeof bare;
  readonly begin: () => () => void;
  readonly query?: () => Promise<unknown>;
}
const variants: Readonly<Record<Variant, How>> = {
  pg: { pool: bare, begin: () => silent },
  carom: { pool: wrapped, begin: () => silent },
  floor: { pool: wrapped, begin: () => silent, query: byHand },
  listeners: { pool: wrapped, begin: listenToAll },
  watched: {
    pool: wrapped,
    begin: () => {
      const stop = listenToAll();
      carom.enable();
      return () => {
        stop();
        carom.disable();
      };
    },
  },
};

/** Microseconds of this process's time per query; the server's is not among them. */
async function cpuOf(variant: Variant): Promise<number> {
  const { pool, begin, query = () => pool.query(values.sql) } = variants[variant];
  const end = begin();
  const before = process.cpuUsage();
  for (let n = 0; n < queries; n++) await query();
  const { user, system } = process.cpuUsage(before);
  end();
  return (user + system) / queries;
}

const order: readonly Variant[] = ['pg', 'carom', 'floor', 'listeners', 'watched'];
const samples: Record<Variant, number[]> = {
  ...{ pg: [], carom: [], floor: [], listeners: [], watched: [] },
};
for (let round = -5; round < rounds; round++) {
  for (const variant of round % 2 === 0 ? order : order.toReversed()) {
    const cpu = await cpuOf(variant);
    if (round >= 0) samples[variant].push(cpu);
  }
  await tracerProvider.forceFlush();
}
await bare.end();
await wrapped.end();
await cluster.stop();
await tracerProvider.shutdown();
await meterProvider.shutdown();

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
function ratio(of: Variant, to: Variant): string {
  const paired = samples[of].map((cpu, round) => cpu / (samples[to][round] ?? Number.NaN));
  const sorted = paired.toSorted((a, b) => a - b);
  const [low, high] = [0.25, 0.75].map((share) => sorted[Math.floor(share * sorted.length)] ?? 0);
  return `${median(paired).toFixed(3)} (half of the rounds: ${low?.toFixed(3)} to ${high?.toFixed(3)})`;
}
say(`Node ${process.version}, ${rounds} rounds of ${queries} × ${values.sql}`);
say('CPU of this process per query, µs; the instrumentation of pg is on in all of them');
say(`  pg                               ${median(samples.pg).toFixed(1)}`);
say(`  Carom, unheard                   ${median(samples.carom).toFixed(1)}`);
say(`  two spans, one duration by hand  ${median(samples.floor).toFixed(1)}`);
say(`  Carom, a listener of each event  ${median(samples.listeners).toFixed(1)}`);
say(`  the same, with OpenTelemetry on  ${median(samples.watched).toFixed(1)}`);
say('paired ratios');
say(`  Carom unheard to pg alone             ${ratio('carom', 'pg')}`);
say(`  two spans, one duration to unheard    ${ratio('floor', 'carom')}; what the SDK takes`);
say(`  listeners to Carom unheard            ${ratio('listeners', 'carom')}`);
say(`  listeners and OpenTelemetry to unheard ${ratio('watched', 'carom')}; to be at most 1.1`);
