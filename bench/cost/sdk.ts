/** The SDK of OpenTelemetry, with exporters that throw all away: sending is the exporter's cost, whoever made the spans. */
import { createRequire } from 'node:module';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  SamplingDecision,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';

/** `ExportResultCode.SUCCESS`. */
const code = 0;
const spansToNowhere: SpanExporter = {
  export: (_spans, done) => done({ code }),
  shutdown: async () => {},
};
const metricsToNowhere: PushMetricExporter = {
  export: (_metrics, done) => done({ code }),
  forceFlush: async () => {},
  shutdown: async () => {},
};

/** Every so manieth trace is sampled. */
export const sampling = { every: 1 };
let traces = 0;
const root = {
  shouldSample: () => {
    traces += 1;
    const sampled = traces % sampling.every === 0;
    return {
      decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
    };
  },
};

export const tracerProvider: NodeTracerProvider = new NodeTracerProvider({
  sampler: new ParentBasedSampler({ root }),
  spanProcessors: [new BatchSpanProcessor(spansToNowhere, { maxQueueSize: 20_000 })],
});
export const meterProvider: MeterProvider = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({ exporter: metricsToNowhere, exportIntervalMillis: 5_000 }),
  ],
});

type Pg = typeof import('pg');

/** `pg` as it is, and a second copy of it with its instrumentation on, which patches what is required after it. */
export function bothPg(): { readonly plain: Pg; readonly instrumented: Pg } {
  const require = createRequire(import.meta.url);
  const plain: Pg = require('pg');
  for (const file of Object.keys(require.cache)) {
    if (/node_modules\/pg(?:-pool)?\//.test(file)) delete require.cache[file];
  }
  tracerProvider.register();
  const instrumentations = [new PgInstrumentation()];
  registerInstrumentations({ tracerProvider, meterProvider, instrumentations });
  return { plain, instrumented: require('pg') };
}
