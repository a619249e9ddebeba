/** The options of the adapters: those of a strategy, and what a database adds to them. */
import {
  aBoolean,
  aName,
  anyOf,
  type CallOptions,
  type Checks,
  Cushion,
  callChecks,
  checkOptions,
  createStrategy,
  invalid,
  isStrategy,
  type Strategy,
  type StrategyOptions,
  strategyChecks,
} from '@carom/core';
import type { CommitLevel, GuardRules } from './commit/guard.js';
import type { Connect } from './commit/line.js';
import { Resolver } from './commit/resolver.js';
import { ServerMemory } from './commit/server-memory.js';
import type { Classify } from './unit/attempt-log.js';

/** What a wrapper takes: options, or a strategy made before. */
export interface ExecutionOptions extends Omit<StrategyOptions, 'classify'> {
  /** A name for people, and for telling two datasources at one address apart. */
  readonly datasource?: string | undefined;
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
const executionChecks: Checks = { ...strategyChecks, ...settling, datasource: aName };
const executionCallChecks: Checks = { ...callChecks, ...settling, idempotent: aBoolean };

/** Where the database is: what tells two datasources apart. Never shown. */
export interface Address {
  readonly host?: string | undefined;
  readonly port?: number | string | undefined;
  readonly database?: string | undefined;
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
  /** Settles lost COMMITs; undefined where there is no way to connect beside the client. */
  readonly resolver: Resolver | undefined;
  /** What is known of the datasource's servers. */
  readonly memory: ServerMemory;
}

/** The defaults of every adapter. */
export const executionDefaults: { readonly retries: number; readonly patience: number } =
  Object.freeze({ retries: 5, patience: 10_000 });

/**
 * The cushion that the clients of one datasource share. All times in ms. A probe is a shot of a caller's,
 * so that it comes soon and often: ten times in the first three seconds of an outage, then twice a second.
 */
const cushionDefaults = Object.freeze({
  ratio: 0.5,
  lastMs: 10_000,
  minimum: 10,
  halfOpenAfter: 100,
  halfOpenMax: 500,
  probeLease: 2_000,
  whenOpen: 'park',
  maxParked: 1_000,
} as const);

/**
 * Validates and completes what a wrapper was given.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 */
export function createExecution(
  given: ExecutionOptions | Strategy | undefined,
  address: Address,
  connect?: Connect,
): Execution {
  const options = isStrategy(given) ? fromStrategy(given) : (given ?? {});
  checkOptions(options, executionChecks);
  const { datasource: name, classify, commit = 'xid', exactlyOnce = false, ...engine } = options;
  const datasource = name ?? `postgres/${address.database ?? 'default'}`;
  const { host = '', port = 5432, database = '' } = address;
  const key = [host, port, database, name ?? ''].join(' ');
  const cushion = cushionFor(engine, datasource, key);
  const strategy = createStrategy({ ...executionDefaults, ...defined(engine), cushion });
  checkSettling({ commit, exactlyOnce });
  const resolver = connect === undefined ? undefined : new Resolver({ datasource, connect });
  const settlement = { commit, exactlyOnce, resolver, memory: new ServerMemory() };
  return { strategy, datasource, key, classify, ...settlement };
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
  const { classify, ...rest } = options;
  const own = options.cushion === undefined ? {} : { cushion: cushion ?? (false as const) };
  return { ...rest, ...own, ...(classify === undefined ? {} : { classify }) };
}

/** One circuit per datasource and settings: two clients of one datasource learn from each other. */
function cushionFor(engine: StrategyOptions, datasource: string, key: string): Cushion | false {
  const { cushion, clock, random } = engine;
  if (cushion === false) return false;
  if (typeof cushion === 'object' && 'circuit' in cushion) return cushion;
  const counts = cushion?.failures !== undefined || cushion?.lastCalls !== undefined;
  const { ratio, lastMs, minimum, ...waiting } = cushionDefaults;
  const settings = {
    ...(counts ? waiting : { ratio, lastMs, minimum, ...waiting }),
    ...defined(cushion ?? {}),
  };
  // A circuit on an injected clock is nobody else's.
  const own = clock !== undefined || random !== undefined;
  const source = own ? { clock, random } : { key: `${key} ${JSON.stringify(settings)}` };
  return new Cushion(datasource, settings, source);
}

/** Without what is `undefined`, so that it does not hide a default. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
