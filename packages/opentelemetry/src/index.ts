/** @carom/opentelemetry: traces and metrics of Carom, as an instrumentation. */
export type { CaromInstrumentationConfig } from './config.js';
export { CaromInstrumentation } from './instrumentation.js';
