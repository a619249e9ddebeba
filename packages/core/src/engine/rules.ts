/** The rules of a strategy: its options, validated once, with the defaults filled in. */
import type { Circuit } from '../breaker/circuit.js';
import { Cushion } from '../breaker/cushion.js';
import type { CushionOptions } from '../breaker/rules.js';
import {
  type Clock,
  endless,
  type Millis,
  type Random,
  systemClock,
  systemRandom,
} from '../clock.js';
import type { Gate } from '../gate.js';
import { has, invalid } from '../invalid.js';
import { atOnce } from '../listener.js';
import type { CallOptions, StrategyOptions } from '../options.js';
import type { Jitter } from '../retry/backoff.js';
import type { Budget } from '../retry/budget.js';
import type { BounceRules } from '../retry/decide.js';
import type { Verdict } from '../verdict.js';
import type { Waiters } from '../waiters.js';
import { judge } from './judge.js';

/** The defaults of the bare core. */
export const defaults: BounceRules = {
  retries: 3,
  baseDelay: 100,
  maxDelay: 30_000,
  jitter: 'decorrelated',
  patience: endless,
};

/** Everything the engine reads while it plays. */
export interface Rules extends BounceRules {
  readonly timeout: Millis | undefined;
  readonly attemptTimeout: Millis | undefined;
  readonly signal: AbortSignal | undefined;
  readonly shouldBounce: CallOptions['shouldBounce'];
  readonly whenResult: CallOptions['whenResult'];
  readonly retryAfter: CallOptions['retryAfter'];
  readonly onRetry: CallOptions['onRetry'];
  readonly cushion: Cushion | undefined;
  /** Of the cushion. */
  readonly circuit: Circuit | undefined;
  /** What an attempt passes after the cushion, in this order. */
  readonly gates: readonly Gate[];
  readonly budget: Budget | undefined;
  readonly waiters: Waiters | undefined;
  readonly classify: (error: unknown) => Verdict;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Completes the options of a strategy.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 * @throws {CaromError} `CAROM_CONFLICTING_SETTINGS` when the cushion's service has other settings.
 */
export function strategyRules(options: StrategyOptions): Rules {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const cushion = cushionOf(options.cushion, clock, random);
  const { throttle, compartment, gate, budget } = options;
  return {
    ...bounds(options, defaults),
    timeout: options.timeout,
    attemptTimeout: options.attemptTimeout,
    signal: options.signal,
    shouldBounce: undefined,
    whenResult: undefined,
    retryAfter: undefined,
    ...promptly(options),
    onRetry: options.onRetry,
    cushion,
    circuit: cushion?.circuit,
    // The rate last: a token that was taken cannot be given back when there is no place.
    gates: [gate, compartment, throttle].filter((one): one is Gate => Boolean(one)),
    budget: budget || undefined,
    waiters: options.waiters,
    classify: options.classify ?? judge,
    clock,
    random,
  };
}

/** The rules with one call's options, as they were checked, laid over them. */
export function callRules(rules: Rules, call: CallOptions): Rules {
  return { ...rules, ...call, ...promptly(call), ...bounds(call, rules) };
}

type Asked = Pick<CallOptions, 'shouldBounce' | 'whenResult' | 'retryAfter'>;

/** The callbacks that are asked, and have to answer at once. */
function promptly({ shouldBounce, whenResult, retryAfter }: Asked): Asked {
  return {
    ...(shouldBounce && {
      shouldBounce: (error, attempt, verdict) => atOnce(shouldBounce(error, attempt, verdict)),
    }),
    ...(whenResult && { whenResult: (value, attempt) => atOnce(whenResult(value, attempt)) }),
    ...(retryAfter && { retryAfter: (error) => atOnce(retryAfter(error)) }),
  };
}

/** Options with others laid over them. A first delay from below is never longer than what is said above, as of a call. */
export function laidOver<O extends Pick<CallOptions, 'baseDelay' | 'maxDelay'>>(
  base: O,
  changes: O,
): O {
  const { baseDelay = 0 } = base;
  const { maxDelay = endless } = changes;
  const shorter = baseDelay > maxDelay ? { baseDelay: maxDelay } : undefined;
  return { ...base, ...shorter, ...changes };
}

function bounds(options: CallOptions, base: BounceRules): BounceRules {
  const {
    retries = base.retries,
    maxDelay = base.maxDelay,
    baseDelay = Math.min(base.baseDelay, maxDelay),
    patience = base.patience,
    jitter = base.jitter,
  } = options;
  if (baseDelay > maxDelay) throw invalid('baseDelay', baseDelay, `up to maxDelay (${maxDelay})`);
  return { retries, baseDelay, maxDelay, patience, jitter: jitterOf(jitter) };
}

function jitterOf(jitter: boolean | Jitter): Jitter {
  if (jitter === true) return 'decorrelated';
  return jitter || 'none';
}

function cushionOf(
  cushion: StrategyOptions['cushion'],
  clock: Clock,
  random: Random,
): Cushion | undefined {
  if (!cushion) return undefined;
  return has(cushion, 'circuit', 'rules')
    ? (cushion as Cushion)
    : new Cushion('this strategy', cushion as CushionOptions, { clock, random });
}
