/** The deadline of a transaction goes to the server with its BEGIN, so that nothing runs or holds locks there after it (timeout). */
import { type CallOptions, type Clock, type Millis, systemClock } from '@carom/core';
import { ask, type WireClient } from '../commit/wire.js';
import type { Execution } from '../execution.js';
import type { AttemptLog } from './attempt-log.js';

/** What a statement and a pause between two may take, as the session has it, in ms; 0 is without an end. */
type Limits = readonly Millis[];

/** In the order of their names, as the server sorts them. */
const names = ['idle_in_transaction_session_timeout', 'statement_timeout'] as const;

const readLimits = `SELECT setting FROM pg_catalog.pg_settings
  WHERE name IN ('${names.join("', '")}') ORDER BY name`;

/**
 * Longer than the clock on this side, in ms: the clock ends the shot and has the server cancel. The server's own limit is for when
 * nobody can tell it so.
 */
const grace: Millis = 500;

const known: WeakMap<object, Limits> = new WeakMap();

/** Begins to count an attempt; what it returns says how much of its time is left, in ms. Undefined without a clock. */
export type Countdown = () => (() => Millis) | undefined;

const none: CallOptions = Object.freeze({});
const timeless: Countdown = () => undefined;

/** The countdown of a shot that begins now. */
export function countdown({ strategy }: Execution, call: CallOptions = none): Countdown {
  const { options } = strategy;
  const timeout = call.timeout ?? options.timeout;
  const attemptTimeout = call.attemptTimeout ?? options.attemptTimeout;
  if (timeout === undefined && attemptTimeout === undefined) return timeless;
  return counting(options.clock ?? systemClock, timeout, attemptTimeout);
}

// Apart, since what its closures remember is allocated where it is called, clock or no clock.
function counting(
  clock: Clock,
  timeout: Millis | undefined,
  attemptTimeout: Millis | undefined,
): Countdown {
  const shotEnds = clock.now() + (timeout ?? Number.POSITIVE_INFINITY);
  return () => {
    const attemptEnds = clock.now() + (attemptTimeout ?? Number.POSITIVE_INFINITY);
    return () => Math.min(shotEnds, attemptEnds) - clock.now();
  };
}

/**
 * The BEGIN with the time that is left, for one flight. A smaller limit of the session's own stays. It is read once on each
 * connection, which is a round trip of its own.
 */
export async function withDeadline(
  begin: string,
  left: (() => Millis) | undefined,
  log: AttemptLog,
  client: WireClient,
  query: WireClient['query'] = client.query,
): Promise<string> {
  if (left === undefined) return begin;
  const limits = known.get(client) ?? (await learn(client, query));
  const limit = Math.min(Math.max(Math.ceil(left()), 1) + grace, longest);
  const settings = names.filter((_name, nth) => !limits[nth] || limits[nth] > limit);
  log.limited = settings.includes('statement_timeout');
  return [
    begin.replace(/;\s*$/, ''),
    ...settings.map((name) => `SET LOCAL ${name} = ${limit}`),
  ].join('; ');
}

/** The longest that the server takes, in ms. */
const longest: Millis = 2 ** 31 - 1;

async function learn(client: WireClient, query: WireClient['query']): Promise<Limits> {
  const { rows } = await ask({ query: (...args) => query.apply(client, args) }, readLimits);
  const limits = rows.map(([setting]) => Number(setting));
  known.set(client, limits);
  return limits;
}
