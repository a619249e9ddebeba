/** A registry is a set of strategies by name, made of one plain object: a configuration file. */
import { Cushion, type CushionSource } from '../breaker/cushion.js';
import { Compartment, type CompartmentOptions } from '../bulkhead/compartment.js';
import { InvalidOptionError, isCaromError } from '../errors.js';
import {
  anObject,
  type Check,
  type Checks,
  checkOptions,
  demand,
  has,
  invalid,
} from '../invalid.js';
import type { StrategyOptions } from '../options.js';
import { Throttle, type ThrottleOptions } from '../rate-limit/throttle.js';
import { Budget, type BudgetOptions } from '../retry/budget.js';
import { orFalse, strategyChecks } from './checks.js';
import { laidOver } from './rules.js';
import { createStrategy, type Strategy } from './strategy.js';

type Parts = Required<Pick<StrategyOptions, 'cushion' | 'compartment' | 'throttle' | 'budget'>>;

/** The options of one strategy: as `createStrategy` takes them, with plain objects for all its parts. */
export interface StrategySettings extends Omit<StrategyOptions, keyof Parts> {
  readonly cushion?: Parts['cushion'];
  readonly compartment?: Parts['compartment'] | CompartmentOptions;
  readonly throttle?: Parts['throttle'] | ThrottleOptions;
  readonly budget?: Parts['budget'] | BudgetOptions;
}

/** All strategies of a program, as a configuration file holds them. */
export interface StrategiesSettings<Name extends string = string> {
  /** What holds for each strategy that does not say otherwise. */
  readonly defaults?: StrategySettings | undefined;
  readonly strategies: Readonly<Record<Name, StrategySettings>>;
}

/** The strategies of a program, by name. */
export interface Strategies<Name extends string = string> {
  readonly names: readonly Name[];
  /**
   * The strategy of that name: the same one each time.
   * @throws {InvalidOptionError} when there is none; the message names those that there are.
   */
  get(name: Name): Strategy;
}

/**
 * Makes all strategies at once, so that a mistake in any of them shows when the program starts. Each
 * option of a strategy replaces the default's whole. A plain `cushion`, `compartment`, `throttle` or
 * `budget` becomes the strategy's own, and is named after it, also where it is a default; an instance
 * is shared by all to whom it is given.
 *
 *     const strategies = createStrategies({
 *       defaults: { retries: 3, cushion: { ratio: 0.5 } },
 *       strategies: { 'payment-api': { timeout: 5_000 }, search: { retries: 0 } },
 *     })
 *     await strategies.get('payment-api').shot(pay)
 *
 * @throws {InvalidOptionError} naming the option by its path: `strategies.payment-api.retries`.
 * @throws {CaromError} `CAROM_CONFLICTING_SETTINGS` when a cushion's service has other settings.
 */
export function createStrategies<Name extends string>(
  settings: StrategiesSettings<Name>,
): Strategies<Name> {
  const given = checkOptions(settings, { defaults: anObject, strategies: anObject });
  demand('strategies', given.strategies, anObject);
  const defaults = checkSettings(given.defaults ?? {}, 'defaults');
  within('defaults', () => {
    complete('defaults', defaults);
    const { baseDelay, maxDelay } = defaults;
    // One of them alone may go with what a strategy says of the other.
    if (baseDelay !== undefined && maxDelay !== undefined) createStrategy({ baseDelay, maxDelay });
  });
  // A map has no key that nobody gave it, like `constructor`.
  const known = new Map<Name, Strategy>();
  for (const [name, own] of Object.entries(given.strategies) as [Name, StrategySettings][]) {
    const path = `strategies.${name}`;
    const merged = laidOver(defaults, checkSettings(own, path));
    known.set(
      name,
      within(path, () => createStrategy(complete(name, merged))),
    );
  }
  const names = Object.freeze([...known.keys()]);
  return Object.freeze({
    names,
    get(name: Name): Strategy {
      const strategy = known.get(name);
      if (strategy !== undefined) return strategy;
      throw invalid('name', name, names.map((one) => JSON.stringify(one)).join(', '));
    },
  });
}

type Part = new (name: string, options: never, source: CushionSource) => object;

/** What may be given as plain options: the option, how an instance is known, and how one is made. */
const parts: readonly (readonly [option: keyof Parts, member: string, what: string, Part])[] = [
  ['cushion', 'circuit', 'a Cushion', Cushion],
  ['compartment', 'tryEnter', 'a Compartment', Compartment],
  ['throttle', 'tryEnter', 'a Throttle', Throttle],
  ['budget', 'wait', 'a Budget', Budget],
];

// Not made when the module is loaded, so that bundles without a registry are without all this.
function settingsChecks(): Checks {
  const checks: Record<string, Check> = { ...strategyChecks };
  for (const [option, member, what] of parts) {
    checks[option] = orFalse((value) =>
      has(value, member) ? undefined : anObject(value) && `${what}, its options`,
    );
  }
  return checks;
}

function checkSettings(settings: StrategySettings, path: string): StrategySettings {
  return checkOptions(settings, settingsChecks(), `${path}.`);
}

/** The same with an instance in place of each plain part. */
function complete(name: string, settings: StrategySettings): StrategyOptions {
  const { clock, random } = settings;
  const made: Record<string, unknown> = { ...settings };
  for (const [option, member, , Part] of parts) {
    const value = settings[option];
    if (typeof value === 'object' && !has(value, member)) {
      made[option] = new Part(name, value as never, { clock, random });
    }
  }
  return made;
}

/** Puts the path before the name of the option of which an error speaks. */
function within<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!isCaromError(error) || error.code !== 'CAROM_INVALID_OPTION') throw error;
    const { option, message } = error as InvalidOptionError;
    const full = `${path}.${option}`;
    throw new InvalidOptionError(
      full,
      message.replace(`\`${option}\``, () => `\`${full}\``),
    );
  }
}
