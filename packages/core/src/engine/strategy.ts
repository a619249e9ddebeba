/** A strategy is retry, circuit breaker and timeout under one set of rules, validated once. */
import type { Cushion } from '../breaker/cushion.js';
import { aFunction, invalid } from '../invalid.js';
import type { CallOptions, StrategyOptions } from '../options.js';
import type { Bounce } from '../retry/bounce.js';
import type { Attempt } from '../timeout/shot-clock.js';
import { Game } from './game.js';
import {
  callRules,
  checkCallOptions,
  checkStrategyOptions,
  given,
  type Rules,
  strategyRules,
} from './rules.js';
import type { Shot } from './shot.js';

/** What a shot does; called once per attempt. */
export type Action<T> = (attempt: Attempt) => T | PromiseLike<T>;

/** Immutable: `with` makes another. */
export class Strategy {
  /** As given. */
  readonly options: StrategyOptions;
  readonly #rules: Rules;

  /** Use `createStrategy`. */
  constructor(options: StrategyOptions) {
    checkStrategyOptions(options);
    this.options = Object.freeze({ ...options });
    this.#rules = strategyRules(this.options);
  }

  /** The circuit breaker, if there is one. */
  get cushion(): Cushion | undefined {
    return this.#rules.cushion;
  }

  /**
   * Plays `action` until it succeeds or there is a reason to stop; the last error comes as it is.
   * @throws {CircuitOpenError} when the cushion is open and no attempt was made.
   * @throws {ShotTimeoutError} when a clock of these rules ran out; an error before is the `cause`.
   * @throws the signal's own reason when the caller aborts.
   * @throws {InvalidOptionError} at once, and not as a rejection, when `perCall` is wrong.
   */
  shot<T>(action: Action<T>, perCall?: CallOptions): Promise<T> {
    const allowed = aFunction(action);
    if (allowed !== undefined) throw invalid('action', action, allowed);
    return this.play({ play: action }, perCall);
  }

  /** The same for an operation that brings its own judgement: what adapters call. */
  play<T>(shot: Shot<T>, perCall?: CallOptions): Promise<T> {
    if (perCall === undefined) return new Game(this.#rules, shot).play();
    checkCallOptions(perCall);
    return new Game(callRules(this.#rules, perCall), shot).play();
  }

  /**
   * A copy with changes; it shares the cushion unless that is changed.
   * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
   */
  with(changes: StrategyOptions): Strategy {
    checkStrategyOptions(changes);
    const cushion = this.options.cushion === false ? false : this.cushion;
    return new Strategy({ ...this.options, cushion, ...given(changes) });
  }
}

/**
 * Compiles options into a strategy.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 * @throws {CaromError} `CAROM_CONFLICTING_SETTINGS` when the cushion's service has other settings.
 */
export function createStrategy(options: StrategyOptions | Bounce = {}): Strategy {
  return new Strategy(isBounce(options) ? options.options : options);
}

/**
 * The one-off form: a strategy for one shot. A cushion given as options would know this shot only:
 * hand over a `Cushion` that is kept.
 */
export function shot<T>(action: Action<T>, options?: StrategyOptions | Bounce): Promise<T> {
  return createStrategy(options).shot(action);
}

/** By shape, since the other copy of this package (ESM, CommonJS) makes them too. */
function isBounce(value: StrategyOptions | Bounce): value is Bounce {
  return typeof value === 'object' && value !== null && 'options' in value && 'withDelay' in value;
}

/** Whether `value` is a strategy, of this copy of the package or of another. */
export function isStrategy(value: unknown): value is Strategy {
  return typeof value === 'object' && value !== null && 'play' in value && 'with' in value;
}
