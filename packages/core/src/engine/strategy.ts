/** A strategy is retry, circuit breaker and timeout under one set of rules, validated once. */
import type { Circuit } from '../breaker/circuit.js';
import type { Cushion } from '../breaker/cushion.js';
import { aFunction, demand, has } from '../invalid.js';
import type { CallOptions, StrategyOptions } from '../options.js';
import type { Permit } from '../parking.js';
import type { Bounce } from '../retry/bounce.js';
import { board } from '../telemetry/board.js';
import { checkCallOptions, checkStrategyOptions } from './checks.js';
import { Executor } from './executor.js';
import { type FirstFailure, play, playOn } from './game.js';
import { callRules, laidOver, type Rules, strategyRules } from './rules.js';
import type { Action, Shot } from './shot.js';
import { playSync } from './sync.js';

/** Immutable: `with` makes another. */
export class Strategy {
  /** Those that were given. */
  readonly options: StrategyOptions;
  readonly #executor: Executor;
  /** What the permit path passes where it passes nothing else: an executor between would cost as much again. */
  readonly #only: Circuit | undefined;

  /** Use `createStrategy`. */
  constructor(options: StrategyOptions) {
    this.options = Object.freeze(checkStrategyOptions(options));
    this.#executor = new Executor(strategyRules(this.options));
    this.#only = this.#executor.only;
  }

  /** The circuit breaker, if there is one. */
  get cushion(): Cushion | undefined {
    return this.#executor.rules.cushion;
  }

  /**
   * Plays `action` until it succeeds or there is a reason to stop; the last error comes as it is.
   * @throws {CircuitOpenError} when the cushion is open and no attempt was made.
   * @throws {ShotTimeoutError} when a clock of these rules ran out; an error before is the `cause`.
   * @throws the signal's own reason when the caller aborts.
   * @throws {InvalidOptionError} at once, and not as a rejection, when `perCall` is wrong.
   */
  shot<T>(action: Action<T>, perCall?: CallOptions): Promise<T> {
    if (typeof action !== 'function') demand('action', action, aFunction);
    if (perCall === undefined) return this.#executor.play(action);
    return play(this.#rulesOf(perCall), action);
  }

  /**
   * The same for an action that is synchronous. Its delays block the thread; it does not park, and
   * no clock can end an attempt, so that `attemptTimeout` says nothing here.
   * @throws what `shot` rejects with, and `CaromError` `CAROM_NOT_SYNC` when the action returns a promise.
   */
  shotSync<T>(action: Action<T>, perCall?: CallOptions): T {
    if (typeof action !== 'function') demand('action', action, aFunction);
    if (perCall === undefined) return playSync(this.#executor, action);
    return playSync(new Executor(this.#rulesOf(perCall)), action);
  }

  /** The same for an operation that brings its own judgement: what adapters call. */
  play<T>(shot: Shot<T>, perCall?: CallOptions): Promise<T> {
    return perCall === undefined ? this.#executor.play(shot) : play(this.#rulesOf(perCall), shot);
  }

  /**
   * The permit path, for callers that have an async frame of their own: a permit for one first attempt,
   * which nothing can end early. `succeed` or `resume` must follow. 0 where a shot has to be played by
   * `play`: the cushion is not closed, a clock has to run, somebody listens.
   */
  enter(): Permit {
    const only = this.#only;
    return only === undefined || board.everyShot !== 0
      ? this.#executor.enter()
      : only.enterClosed();
  }

  /** The attempt of the permit succeeded. */
  succeed(permit: Permit): void {
    if (this.#only === undefined) this.#executor.succeed(permit);
    else this.#only.succeed(permit);
  }

  /** The attempt of the permit failed: plays the shot on from there. */
  resume<T>(shot: Shot<T>, first: FirstFailure): Promise<T> {
    return playOn(this.#executor.rules, shot, first);
  }

  #rulesOf(perCall: CallOptions): Rules {
    return callRules(this.#executor.rules, checkCallOptions(perCall));
  }

  /**
   * A copy with changes; it shares the cushion unless that is changed.
   * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
   */
  with(changes: StrategyOptions): Strategy {
    const cushion = this.options.cushion === false ? false : this.cushion;
    return new Strategy(laidOver({ ...this.options, cushion }, checkStrategyOptions(changes)));
  }
}

/** What a `Bounce` is read by: with its words a union would hide the types of the options. */
type Spelled = Pick<Bounce, 'options' | 'withDelay'>;

/**
 * Compiles options into a strategy.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 * @throws {CaromError} `CAROM_CONFLICTING_SETTINGS` when the cushion's service has other settings.
 */
export function createStrategy(options: StrategyOptions | Spelled = {}): Strategy {
  return new Strategy(plain(options));
}

/**
 * The one-off form: a strategy for one shot. A cushion given as options would know this shot only:
 * hand over a `Cushion` that is kept.
 */
export function shot<T>(action: Action<T>, options: StrategyOptions | Spelled = {}): Promise<T> {
  demand('action', action, aFunction);
  return play(strategyRules(checkStrategyOptions(plain(options))), action);
}

/** The one-off form of `shotSync`. */
export function shotSync<T>(action: Action<T>, options?: StrategyOptions | Spelled): T {
  return createStrategy(options).shotSync(action);
}

function plain(options: StrategyOptions | Spelled): StrategyOptions {
  return has(options, 'options', 'withDelay')
    ? (options as Spelled).options
    : (options as StrategyOptions);
}

/** Whether `value` is a strategy, of this copy of the package or of another. */
export function isStrategy(value: unknown): value is Strategy {
  return has(value, 'play', 'with');
}
