/** The configuration of the instrumentation. */
import { aBoolean, type Check, type Checks, checkOptions } from '@carom/core';

/** What an instrumentation takes. */
export interface CaromInstrumentationConfig {
  /** Whether it begins at once. Default true, as of every instrumentation. */
  readonly enabled?: boolean | undefined;
  /** A span per shot, and one per attempt. Default true. */
  readonly traces?: boolean | undefined;
  /** Counters, histograms and gauges. Default true. */
  readonly metrics?: boolean | undefined;
  /** `db.system.name` on spans and metrics; false where shots are of something else. Default `postgresql`. */
  readonly system?: string | false | undefined;
}

const aSystem: Check = (value) =>
  value === false || (typeof value === 'string' && value.length > 0)
    ? undefined
    : 'the name of a database system, or false';

const checks: Checks = {
  enabled: aBoolean,
  traces: aBoolean,
  metrics: aBoolean,
  system: aSystem,
};

/** With the defaults filled in. */
export interface Completed {
  readonly enabled: boolean;
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly system: string | false;
}

/** Completes a configuration. @throws {InvalidOptionError} naming the option. */
export function complete(config: CaromInstrumentationConfig): Completed {
  checkOptions(config, checks);
  const { enabled = true, traces = true, metrics = true, system = 'postgresql' } = config;
  return { enabled, traces, metrics, system };
}
