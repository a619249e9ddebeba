/** A cushion is a circuit breaker: while a service is down it keeps shots from it. */
import { type Clock, type Millis, type Random, systemClock, systemRandom } from '../clock.js';
import { CaromError } from '../errors.js';
import {
  aClock,
  aFunction,
  aName,
  checkOptions,
  demand,
  invalid,
  wholeNumber,
} from '../invalid.js';
import { processWide } from '../process-wide.js';
import { Circuit } from './circuit.js';
import type { CircuitListener } from './listeners.js';
import { type CushionOptions, type CushionRules, cushionRules } from './rules.js';
import type { CushionState } from './transitions.js';

/** Where a cushion takes its time and its chance from. Default: the system's. */
export interface CushionSource {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

interface KeyedSource extends CushionSource {
  /**
   * One circuit per key and process, with the time and the chance of the first who uses it; default: a circuit of its own.
   */
  readonly key?: string | undefined;
}

/**
 * A circuit breaker as callers hold it. Immutable settings; the circuit itself is made at first use.
 *
 *     Cushion.forService('orders-db').openAfter(5, { within: 10 }).halfOpenAfter(30_000)
 */
export class Cushion {
  readonly name: string;
  readonly rules: CushionRules;
  readonly #options: CushionOptions;
  readonly #source: KeyedSource;
  #circuit: Circuit | undefined;

  /** @throws {InvalidOptionError} naming the option as `cushion.<option>`. */
  constructor(name: string, options: CushionOptions = {}, source: KeyedSource = {}) {
    demand('cushion.name', name, aName);
    checkOptions(source, { clock: aClock, random: aFunction, key: aName }, 'cushion.');
    this.name = name;
    this.rules = cushionRules(options);
    this.#options = { ...options };
    this.#source = { ...source };
  }

  /** The cushion of a named service: one circuit per name and process, whoever asks for it. */
  static forService(name: string, options: CushionOptions = {}): Cushion {
    return new Cushion(name, options, { key: name });
  }

  /** The same service, opening at `failures` failures among the last `within` calls. */
  openAfter(failures: number, window: { readonly within: number }): Cushion {
    const { within } = checkOptions(window, { within: wholeNumber(1) }, 'window.');
    if (within === undefined) throw invalid('window.within', within, 'a whole number from 1');
    return this.#but({ failures, lastCalls: within });
  }

  /** The same service, open for so many ms before a probe may pass. */
  halfOpenAfter(ms: Millis): Cushion {
    return this.#but({ halfOpenAfter: ms });
  }

  #but(more: CushionOptions): Cushion {
    // What is not said would be a default, and nobody's choice.
    for (const [name, value] of Object.entries(more)) {
      if (value === undefined) throw invalid(`cushion.${name}`, value, 'a number');
    }
    return new Cushion(this.name, { ...this.#options, ...more }, this.#source);
  }

  /**
   * The live circuit.
   * @throws {CaromError} `CAROM_CONFLICTING_SETTINGS` when a service of that name has other settings.
   */
  get circuit(): Circuit {
    this.#circuit ??= this.#create();
    return this.#circuit;
  }

  get state(): CushionState {
    return this.circuit.state;
  }

  /** How many shots wait for it. */
  get parked(): number {
    return this.circuit.parked;
  }

  /** When asking again makes sense, in ms from now; `Infinity` while isolated. */
  get retryAfter(): Millis {
    return this.circuit.retryAfter;
  }

  /** Keeps every shot out until `close()`: for an operator. */
  isolate(): void {
    this.circuit.isolate();
  }

  /** Closes it by hand, whatever it saw. */
  close(): void {
    this.circuit.close();
  }

  /**
   * Calls `listener` at each change of state until the returned function is called.
   * @throws {InvalidOptionError} when it is no function.
   */
  onChange(listener: CircuitListener): () => void {
    return this.circuit.onChange(listener);
  }

  #create(): Circuit {
    const { key, clock = systemClock, random = systemRandom } = this.#source;
    const create = (): Circuit => new Circuit(this.name, this.rules, clock, random);
    if (key === undefined) return create();
    const circuits = processWide('circuits', () => new Map<string, Circuit>());
    const circuit = circuits.get(key) ?? create();
    circuits.set(key, circuit);
    demandSame(circuit.rules, this);
    return circuit;
  }
}

/** The first caller's settings never silently win over the second's: they must be the same. */
function demandSame(known: CushionRules, { name, rules }: Cushion): void {
  const [before, now] = [known, rules].map((settings) => JSON.stringify(settings));
  if (before === now) return;
  throw new CaromError(
    'CAROM_CONFLICTING_SETTINGS',
    `the cushion of ${name} exists with the settings ${before}; these differ: ${now}`,
  );
}
