/** Logging: a listener of the scoreboard (telemetry) for loggers of pino's shape, with sampling. */
import { type Check, type Checks, checkOptions, invalid, type Subscription } from '@carom/core';
import { type LogLevel, logLines } from './log-levels.js';
import { type Events, scoreboard } from './scoreboard.js';

/** What is needed of a logger: pino has it, and `console` nearly. */
export type Logger = Readonly<Record<LogLevel, (fields: object, message: string) => void>>;

/** The share of shots of which each event is logged, from 0 to 1. */
export type Sample = Partial<Record<keyof Events, number>>;

/** How it is logged. */
export interface LogOptions {
  /**
   * One share for the retries, failures and waits of shots, or one for each event. Shots are chosen, not lines: of a chosen one
   * all is logged. Default 1, and 0 for what every shot does: `shotStarted`, `attemptStarted`, `attemptEnded`, `shotCompleted`.
   * A number says nothing of circuits, connections and outcomes, which are few.
   */
  readonly sample?: number | Sample | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

const names = Object.keys(logLines) as (keyof Events)[];

const aShare: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1';
const shares: Checks = Object.fromEntries(names.map((name) => [name, aShare]));
const anything: Check = () => undefined;

/**
 * Logs what the scoreboard tells, until the returned function is called or `signal` aborts. Errors are not logged, but their codes:
 * their texts may hold values.
 * @throws {InvalidOptionError} when `logger` is none, or a share is not from 0 to 1.
 */
export function logTo(logger: Logger, options: LogOptions = {}): Subscription {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    if (typeof (logger as Partial<Logger> | undefined)?.[level] === 'function') continue;
    throw invalid('logger', logger, 'a logger with debug, info, warn and error');
  }
  checkOptions(options, { sample: anything, signal: anything });
  const { sample = {}, signal } = options;
  if (typeof sample !== 'number') checkOptions(sample, shares);
  else if (aShare(sample) !== undefined) throw invalid('sample', sample, 'a number from 0 to 1');
  const stops = names.flatMap((event) => {
    const share = shareOf(event, sample);
    return share === 0 ? [] : [scoreboard.on(event, listener(logger, event, share), { signal })];
  });
  const stop = (): void => {
    for (const each of stops) each();
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

/** Of whose shots there are many. */
const ofShots = /^(?:shot|attempt|budget)/;

function shareOf(event: keyof Events, sample: number | Sample): number {
  const { silent } = logLines[event];
  if (typeof sample !== 'number') return sample[event] ?? (silent ? 0 : 1);
  if (silent) return 0;
  return ofShots.test(event) ? sample : 1;
}

function listener(
  logger: Logger,
  event: keyof Events,
  share: number,
): (detail: Events[keyof Events]) => void {
  const { level, message } = logLines[event];
  let count = 0;
  return (detail) => {
    count += 1;
    const id = 'id' in detail ? detail.id : count;
    // A spread of an event leaves its error out, which is not enumerable.
    if (isChosen(id, share)) logger[level]({ carom: event, ...detail }, `carom: ${message}`);
  };
}

/** By Knuth's multiplicative hash, which spreads numbers that follow each other: the same shot is chosen by every event. */
function isChosen(id: number, share: number): boolean {
  return share === 1 || (Math.imul(id, 2_654_435_761) >>> 0) / 2 ** 32 < share;
}
