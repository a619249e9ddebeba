/** The rules of a strategy: its options, validated once, with the defaults filled in. */
import type { Circuit } from '../breaker/circuit.js';
import { Cushion } from '../breaker/cushion.js';
import { type Clock, type Millis, type Random, systemClock, systemRandom } from '../clock.js';
import {
  aFunction,
  anAbortSignal,
  type Check,
  type Checks,
  checkOptions,
  invalid,
  milliseconds,
  wholeNumber,
} from '../invalid.js';
import type { CallOptions, StrategyOptions } from '../options.js';
import type { Jitter } from '../retry/backoff.js';
import type { BounceRules } from '../retry/decide.js';
import type { Verdict } from '../verdict.js';
import { judge } from './judge.js';

/** The defaults of the bare core. */
export const defaults: BounceRules = Object.freeze({
  retries: 3,
  baseDelay: 100,
  maxDelay: 30_000,
  jitter: 'decorrelated',
  patience: Number.POSITIVE_INFINITY,
});

/** Everything the engine reads while it plays. */
export interface Rules extends BounceRules {
  readonly timeout: Millis | undefined;
  readonly attemptTimeout: Millis | undefined;
  readonly signal: AbortSignal | undefined;
  readonly shouldBounce: CallOptions['shouldBounce'];
  readonly onRetry: CallOptions['onRetry'];
  readonly cushion: Cushion | undefined;
  /** Of the cushion. */
  readonly circuit: Circuit | undefined;
  readonly classify: (error: unknown) => Verdict;
  readonly clock: Clock;
  readonly random: Random;
}

const jitters: readonly unknown[] = [true, false, 'decorrelated', 'full', 'none'];

const aClock: Check = (value) =>
  typeof (value as Clock | null)?.now === 'function' &&
  typeof (value as Clock | null)?.after === 'function'
    ? undefined
    : 'a Clock, with now() and after()';

/** What is allowed per call. */
export const callChecks: Checks = {
  retries: wholeNumber(0, 1_000_000),
  baseDelay: milliseconds(0, 86_400_000),
  maxDelay: milliseconds(0, 86_400_000),
  jitter: (value) =>
    jitters.includes(value) ? undefined : 'true, false, "decorrelated", "full", "none"',
  shouldBounce: aFunction,
  patience: milliseconds(0),
  timeout: milliseconds(1),
  attemptTimeout: milliseconds(1),
  signal: anAbortSignal,
  onRetry: aFunction,
};

/** What is allowed when a strategy is made. */
export const strategyChecks: Checks = {
  ...callChecks,
  cushion: (value) =>
    value === false || (typeof value === 'object' && value !== null)
      ? undefined
      : 'a Cushion, its options, or false',
  classify: aFunction,
  clock: aClock,
  random: aFunction,
};

/**
 * Completes the options of a strategy.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 * @throws {CaromError} `CAROM_CONFLICTING_SETTINGS` when the cushion's service has other settings.
 */
export function strategyRules(options: StrategyOptions): Rules {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const cushion = cushionOf(options.cushion, clock, random);
  return {
    ...bounds(options, defaults),
    timeout: options.timeout,
    attemptTimeout: options.attemptTimeout,
    signal: options.signal,
    shouldBounce: options.shouldBounce,
    onRetry: options.onRetry,
    cushion,
    circuit: cushion?.circuit,
    classify: options.classify ?? judge,
    clock,
    random,
  };
}

/** The rules with one call's options laid over them. */
export function callRules(rules: Rules, call: CallOptions): Rules {
  return { ...rules, ...given(call), ...bounds(call, rules) };
}

/** The options without those that are `undefined`, which count as not given. */
export function given<T extends object>(options: T): Partial<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

function bounds(options: CallOptions, base: BounceRules): BounceRules {
  const {
    retries = base.retries,
    maxDelay = base.maxDelay,
    baseDelay = Math.min(base.baseDelay, maxDelay),
    patience = base.patience,
  } = options;
  if (baseDelay > maxDelay) throw invalid('baseDelay', baseDelay, `up to maxDelay (${maxDelay})`);
  return { retries, baseDelay, maxDelay, patience, jitter: jitterOf(options.jitter, base.jitter) };
}

function jitterOf(jitter: CallOptions['jitter'], otherwise: Jitter): Jitter {
  if (jitter === undefined) return otherwise;
  if (typeof jitter === 'string') return jitter;
  return jitter ? 'decorrelated' : 'none';
}

function cushionOf(
  cushion: StrategyOptions['cushion'],
  clock: Clock,
  random: Random,
): Cushion | undefined {
  if (cushion === undefined || cushion === false) return undefined;
  if (isCushion(cushion)) return cushion;
  return new Cushion('this strategy', cushion, { clock, random });
}

/** By shape: the other copy of this package (ESM, CommonJS) makes cushions too. */
function isCushion(value: object): value is Cushion {
  return 'circuit' in value && 'rules' in value;
}

/** Checks the options of a strategy. @throws {InvalidOptionError} */
export function checkStrategyOptions(options: StrategyOptions): void {
  checkOptions(options, strategyChecks);
}

/** Checks the options of one call. @throws {InvalidOptionError} */
export function checkCallOptions(options: CallOptions): void {
  checkOptions(options, callChecks);
}
