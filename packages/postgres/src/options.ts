/** The options of the adapters: those of a strategy, and what a database adds to them. */
import {
  aBoolean,
  aName,
  anyOf,
  type CallOptions,
  type Checks,
  callChecks,
  checkOptions,
  createStrategy,
  invalid,
  isStrategy,
  type Strategy,
  type StrategyOptions,
  strategyChecks,
  Waiters,
} from '@carom/core';
import type { CommitLevel, GuardRules } from './commit/guard.js';
import type { Connect } from './commit/line.js';
import { Resolver } from './commit/resolver.js';
import { ServerMemory } from './commit/server-memory.js';
import { createMembership, type Membership } from './outage/membership.js';
import type { Target } from './outage/question.js';
import { datasourceOf } from './outage/registry.js';
import { cushionSettings, isCushion } from './outage/settings.js';
import type { Classify } from './unit/attempt-log.js';

/** What a wrapper takes: options, or a strategy made before. */
export interface ExecutionOptions extends Omit<StrategyOptions, 'classify' | 'waiters'> {
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
  readonly exactlyOnce?: boolean | undefined;
}

/** What one call takes. */
export interface ExecutionCallOptions extends CallOptions {
  /**
   * How a transaction whose COMMIT was not answered is settled: by its id (`xid`, the default), by a token in a table
   * of Carom's (`fence`, which holds across crashes and failovers), or not at all (`none`: always unknown).
   */
  readonly commit?: CommitLevel | undefined;
  /** Whether a single write is run as a transaction, so that a lost answer can be settled too. Default false. */
  readonly exactlyOnce?: boolean | undefined;
  /** Doing it twice does no harm: it may be played again even when its outcome is unknown. */
  readonly idempotent?: boolean | undefined;
}

const settling: Checks = { commit: anyOf('xid', 'fence', 'none'), exactlyOnce: aBoolean };
const { waiters: _, ...engineChecks } = strategyChecks;
const executionChecks: Checks = {
  ...engineChecks,
  ...settling,
  datasource: aName,
  target: anyOf('writer', 'any'),
};
const executionCallChecks: Checks = { ...callChecks, ...settling, idempotent: aBoolean };

/** Where the database is: what tells two datasources apart. Never shown. */
export interface Address {
  readonly host?: string | undefined;
  readonly port?: number | string | undefined;
  readonly database?: string | undefined;
}

/** What else an adapter knows of its client. */
export interface ClientWays {
  /** Whether it was closed behind Carom's back. */
  readonly isClosed?: (() => boolean) | undefined;
  /** How it lends a connection to the prober. Default: as for questions about lost COMMITs. */
  readonly lend?: Connect | undefined;
}

/** A strategy and the datasource it is played against. */
export interface Execution {
  readonly strategy: Strategy;
  /** For people: the option `datasource`, or `postgres/<database>`. */
  readonly datasource: string;
  /** Tells datasources apart: host, port, database and name. */
  readonly key: string;
  readonly classify: Classify | undefined;
  readonly commit: CommitLevel;
  readonly exactlyOnce: boolean;
  /** Its place in the datasource that it shares with others. */
  readonly membership: Membership;
  /** Settles lost COMMITs; undefined where there is no way to connect beside the client. */
  readonly resolver: Resolver | undefined;
  /** What is known of the datasource's servers. */
  readonly memory: ServerMemory;
}

/** The defaults of every adapter. */
export const executionDefaults: { readonly retries: number; readonly patience: number } =
  Object.freeze({ retries: 5, patience: 10_000 });

/**
 * Validates and completes what a wrapper was given.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 */
export function createExecution(
  given: ExecutionOptions | Strategy | undefined,
  address: Address,
  connect?: Connect,
  { isClosed, lend = connect }: ClientWays = {},
): Execution {
  const options = checkExecution(given);
  const { datasource: name, classify, commit = 'xid', exactlyOnce = false, ...rest } = options;
  const { target = 'writer', cushion: ofClient, ...engine } = rest;
  const datasource = name ?? `postgres/${address.database ?? 'default'}`;
  const { host = '', port = 5432, database = '' } = address;
  const key = [host, port, database, name ?? ''].join(' ');
  const { clock, random } = engine;
  const source = datasourceOf(datasource, { key, clock, random });
  const cushion =
    ofClient === false || isCushion(ofClient)
      ? ofClient
      : source.cushion({ cushion: cushionSettings(ofClient), target });
  const waiters = new Waiters();
  const shared = { budget: source.budget, ...defined(engine), cushion, waiters };
  const strategy = createStrategy({ ...executionDefaults, ...shared });
  const own = cushion === false ? undefined : cushion;
  const member = { cushion: own, connect: lend, waiters, isClosed };
  const membership = createMembership(source, member);
  membership.open();
  const resolver = connect === undefined ? undefined : new Resolver({ datasource, connect });
  const settlement = { commit, exactlyOnce, resolver, memory: new ServerMemory() };
  return { strategy, datasource, key, classify, membership, ...settlement };
}

/**
 * Checks what a wrapper was given, and gives it as options.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 */
export function checkExecution(given: ExecutionOptions | Strategy | undefined): ExecutionOptions {
  const options = isStrategy(given) ? fromStrategy(given) : (given ?? {});
  checkOptions(options, executionChecks);
  const { datasource: _, classify: __, commit, exactlyOnce, target: ___, ...engine } = options;
  checkSettling({ commit, exactlyOnce });
  // What depends on more than one option is checked where it is used.
  createStrategy({ ...executionDefaults, ...defined(engine) });
  return options;
}

/** How long COMMIT may be without an answer before the server is asked beside it, in ms, where no clock says. */
const answerWithin = 5_000;

/** The rules of the guards for one call's transactions; undefined where nothing is settled. */
export function guardRules(
  { commit, resolver, memory, strategy }: Execution,
  call: ExecutionCallOptions = {},
): GuardRules | undefined {
  const level = call.commit ?? commit;
  if (level === 'none' || resolver === undefined) return undefined;
  const options = { ...defined(strategy.options), ...defined(call) };
  const { patience = executionDefaults.patience, attemptTimeout = answerWithin } = options;
  const { timeout, signal } = options;
  return { level, resolver, memory, patience, answerWithin: attemptTimeout, timeout, signal };
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
  const { classify, waiters: _, ...rest } = options;
  const own = options.cushion === undefined ? {} : { cushion: cushion ?? (false as const) };
  return { ...rest, ...own, ...(classify === undefined ? {} : { classify }) };
}

/** Without what is `undefined`, so that it does not hide a default. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
