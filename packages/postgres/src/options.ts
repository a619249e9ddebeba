/** The options of the adapters: those of a strategy, and what a database adds to them. */
import {
  aBoolean,
  aName,
  anyOf,
  type CallOptions,
  type Check,
  type Checks,
  callChecks,
  checkOptions,
  createStrategy,
  invalid,
  isStrategy,
  milliseconds,
  type Strategy,
  type StrategyOptions,
  strategyChecks,
} from '@carom/core';
import type { CommitLevel } from './commit/guard.js';
import type { Target } from './outage/question.js';
import type { Classify } from './unit/attempt-log.js';

/** What a wrapper takes: options, or a strategy made before. */
export interface ExecutionOptions extends Omit<StrategyOptions, 'classify' | 'waiters' | 'gate'> {
  /** A name for people, and for telling two datasources at one address apart. */
  readonly datasource?: string | undefined;
  /**
   * Which server is back after an outage: one that takes writes, or a standby too. A client of a standby needs
   * `'any'`. Default `'writer'`.
   */
  readonly target?: Target | undefined;
  /** Judges an error before Carom does; `undefined` leaves it to Carom. */
  readonly classify?: Classify | undefined;
  /** As for one call. */
  readonly commit?: CommitLevel | undefined;
  /** As for one call. */
  readonly readFrom?: object | undefined;
  /** As for one call. A pool that would wait for ever gets it as its own limit. */
  readonly connectPatience?: number | undefined;
  /**
   * How long a statement may be unanswered before the server is asked, on a connection beside it, whether it is still at it, in
   * ms; `false` for never. One that it is not at, or whose server cannot be asked, ends with its connection after a second look.
   * Default 15,000.
   */
  readonly silence?: number | false | undefined;
  /** As for one call. */
  readonly exactlyOnce?: boolean | undefined;
}

/** What one call takes. */
export interface ExecutionCallOptions extends CallOptions {
  /**
   * How a transaction whose COMMIT was not answered is settled: by its id (`xid`, the default), by a token in a table
   * of Carom's (`fence`, which holds across crashes and failovers), or not at all (`none`: always unknown).
   */
  readonly commit?: CommitLevel | undefined;
  /**
   * Where single reads are taken from while the circuit of the primary is open: a replica's pool, Knex or Prisma client, of the
   * adapter's own library. Stale answers are the caller's to allow; writes and transactions never go there. Default none.
   */
  readonly readFrom?: object | undefined;
  /**
   * How long one attempt waits for a connection, in the pool's queue and while it is made, in ms. Default: as the pool says
   * (`connectionTimeoutMillis`; Knex: `acquireConnectionTimeout`, 60,000); 10,000 for a pool that would wait for ever.
   */
  readonly connectPatience?: number | undefined;
  /** Whether a single write is run as a transaction, so that a lost answer can be settled too. Default false. */
  readonly exactlyOnce?: boolean | undefined;
  /** Doing it twice does no harm: it may be played again even when its outcome is unknown. */
  readonly idempotent?: boolean | undefined;
}

const aClient: Check = (value) =>
  (typeof value === 'object' || typeof value === 'function') && value !== null
    ? undefined
    : 'a pool, a Knex or a Prisma client';
const aSilence: Check = (value) =>
  value === false || milliseconds(1)(value) === undefined
    ? undefined
    : 'milliseconds from 1, or false';

const settling: Checks = {
  commit: anyOf('xid', 'fence', 'none'),
  exactlyOnce: aBoolean,
  connectPatience: milliseconds(1),
  readFrom: aClient,
};
const { waiters: _waiters, gate: _gate, ...engineChecks } = strategyChecks;
const ownChecks: Checks = {
  ...settling,
  datasource: aName,
  target: anyOf('writer', 'any'),
  silence: aSilence,
};
const executionChecks: Checks = { ...engineChecks, ...ownChecks };
const executionCallChecks: Checks = { ...callChecks, ...settling, idempotent: aBoolean };

/** The defaults of every adapter. */
export const executionDefaults: { readonly retries: number; readonly patience: number } =
  Object.freeze({ retries: 5, patience: 10_000 });

/**
 * Checks what a wrapper was given, and gives it as options.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 */
export function checkExecution(given: ExecutionOptions | Strategy | undefined): ExecutionOptions {
  const options = isStrategy(given) ? fromStrategy(given) : (given ?? {});
  checkOptions(options, executionChecks);
  checkSettling(options);
  const engine = Object.entries(options).filter(
    ([name]) => !(name in ownChecks || name === 'classify'),
  );
  // What depends on more than one option is checked where it is used.
  createStrategy({ ...executionDefaults, ...defined(Object.fromEntries(engine)) });
  return options;
}

/**
 * Checks the options of one call.
 * @param commit what holds where they do not say.
 * @throws {InvalidOptionError}
 */
export function checkExecutionCall(
  options: ExecutionCallOptions,
  commit?: CommitLevel,
): ExecutionCallOptions {
  checkOptions(options, executionCallChecks);
  checkSettling({ ...options, commit: options.commit ?? commit });
  return options;
}

function checkSettling({ commit, exactlyOnce }: ExecutionCallOptions): void {
  if (commit !== 'none' || exactlyOnce !== true) return;
  throw invalid('exactlyOnce', exactlyOnce, "only with `commit: 'xid'` or `commit: 'fence'`");
}

function fromStrategy({ options, cushion }: Strategy): ExecutionOptions {
  const { classify, waiters: _waiters, gate: _gate, ...rest } = options;
  const own = options.cushion === undefined ? {} : { cushion: cushion ?? (false as const) };
  return { ...rest, ...own, ...(classify === undefined ? {} : { classify }) };
}

/** Without what is `undefined`, so that it does not hide a default. */
export function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
