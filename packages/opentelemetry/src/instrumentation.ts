/** The instrumentation: Carom's traces and metrics, begun and ended as every instrumentation is (telemetry). */
import {
  type Meter,
  type MeterProvider,
  metrics,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { Attributed } from './attributes.js';
import { type CaromInstrumentationConfig, type Completed, complete } from './config.js';
import { Metrics } from './metrics.js';
import { Traces } from './traces.js';
import { version } from './version.js';

/**
 * An `Instrumentation` for `registerInstrumentations`. It patches no module: it listens to the scoreboard,
 * which is one for the process, so that it does not matter what was imported first.
 */
export class CaromInstrumentation {
  readonly instrumentationName = '@carom/opentelemetry';
  readonly instrumentationVersion: string = version;
  #config: Completed;
  #tracers: TracerProvider | undefined;
  #meters: MeterProvider | undefined;
  #metrics: Metrics | undefined;
  #traces: Traces | undefined;
  #listening: AbortController | undefined;

  /** @throws {InvalidOptionError} naming the option, the value given and what is allowed. */
  constructor(config: CaromInstrumentationConfig = {}) {
    this.#config = complete(config);
    if (this.#config.enabled) this.enable();
  }

  /** Begins. */
  enable(): void {
    if (this.#listening !== undefined) return;
    const { traces, metrics: counts, system } = this.#config;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const attributed = new Attributed(system);
    const traced = traces ? new Traces(this.#tracer, attributed) : undefined;
    this.#traces = traced;
    // First, since a shot's span is the context of what is counted at its end.
    if (counts) {
      this.#metrics = new Metrics(this.#meter, attributed, (id) => traced?.contextOf(id));
      this.#metrics.listen(signal);
    }
    traced?.listen(signal);
  }

  /** Ends; spans on their way end with it. */
  disable(): void {
    this.#listening?.abort();
    this.#listening = undefined;
    this.#metrics = undefined;
    this.#traces = undefined;
  }

  setTracerProvider(provider: TracerProvider): void {
    this.#tracers = provider;
    this.#traces?.use(this.#tracer);
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#meters = provider;
    this.#metrics?.use(this.#meter);
  }

  getConfig(): Completed {
    return this.#config;
  }

  /** Begins anew with another configuration. @throws {InvalidOptionError} */
  setConfig(config: CaromInstrumentationConfig): void {
    this.#config = complete(config);
    const listens = this.#listening !== undefined;
    this.disable();
    if (listens) this.enable();
  }

  /** That of the process forwards to whichever provider is registered later. */
  get #tracer(): Tracer {
    const provider = this.#tracers ?? trace.getTracerProvider();
    return provider.getTracer(this.instrumentationName, this.instrumentationVersion);
  }

  get #meter(): Meter {
    const provider = this.#meters ?? metrics.getMeterProvider();
    return provider.getMeter(this.instrumentationName, this.instrumentationVersion);
  }
}
