/** Who watches: each begins, and returns how it ends. */
import { CaromInstrumentation, type CaromInstrumentationConfig } from '@carom/opentelemetry';
import { type Events, logTo, scoreboard } from '@carom/postgres';
import { context, trace } from '@opentelemetry/api';
import { meterProvider, sampling, tracerProvider } from './sdk.js';

/** Begins to watch. */
export type Watch = () => () => void;

const silent = (): void => {};

/** Nobody does. */
export const nobody: Watch = () => silent;

/** Every event has a listener, and what goes wrong is logged. */
export const listeners: Watch = () => {
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
};

/** All listeners, and the instrumentation. */
export function instrumented(config: CaromInstrumentationConfig = {}): Watch {
  const instrumentation = new CaromInstrumentation({ ...config, enabled: false });
  instrumentation.setTracerProvider(tracerProvider);
  instrumentation.setMeterProvider(meterProvider);
  return () => {
    const stop = listeners();
    instrumentation.enable();
    return () => {
      stop();
      instrumentation.disable();
    };
  };
}

/** One trace in ten is sampled meanwhile. */
export const oneInTen =
  (watch: Watch): Watch =>
  () => {
    sampling.every = 10;
    const stop = watch();
    return () => {
      stop();
      sampling.every = 1;
    };
  };

const tracer = tracerProvider.getTracer('floor');
const duration = meterProvider.getMeter('floor').createHistogram('floor', { unit: 's' });
const attributes = {
  ...{ 'db.system.name': 'postgresql', 'db.operation.name': 'query' },
  ...{ 'carom.datasource': 'postgres/postgres', 'carom.outcome': 'completed' },
};

/** As little as two spans and one duration can cost: the SDK called by hand, and nothing of Carom listening. */
export async function byHand<T>(query: () => Promise<T>): Promise<T> {
  const shot = tracer.startSpan('carom query', { attributes });
  const outer = trace.setSpan(context.active(), shot);
  const attempt = tracer.startSpan('attempt', {}, outer);
  const result = await context.with(trace.setSpan(outer, attempt), query);
  attempt.end();
  duration.record(0.001, attributes, outer);
  shot.end();
  return result;
}
