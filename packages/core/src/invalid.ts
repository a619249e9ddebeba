/** Option checks: each names the option, the value given and what is allowed. */
import { endless } from './clock.js';
import { InvalidOptionError } from './errors.js';

/** Returns what is allowed when `value` is not, and `undefined` when it is. */
export type Check = (value: unknown) => string | undefined;

/** What is allowed for each option of a set. */
export type Checks = Readonly<Record<string, Check>>;

export const anyOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value) ? undefined : values.map(shown).join(', ');

/** What is allowed are numbers from the one to the other; to any, where that is not said. */
type InRange = (from: number, to?: number) => Check;

const inRange =
  (sort: string, isOne: (value: unknown) => boolean): InRange =>
  (from, to = endless) =>
  (value) =>
    isOne(value) && (value as number) >= from && (value as number) <= to
      ? undefined
      : `${sort} from ${from}${to === endless ? '' : ` to ${to}`}`;

const isNumber = (value: unknown): boolean => typeof value === 'number';

// Marked as pure, so that who checks no such option does not carry it.
export const aNumber: InRange = /* @__PURE__ */ inRange('a number', isNumber);
export const wholeNumber: InRange = /* @__PURE__ */ inRange('a whole number', Number.isSafeInteger);
export const milliseconds: InRange = /* @__PURE__ */ inRange('a number of milliseconds', isNumber);

export const fraction: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= 1 ? undefined : 'a number above 0, up to 1';

export const aFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function');

export const aBoolean: Check = (value) =>
  typeof value === 'boolean' ? undefined : 'true or false';

/** By the prototype of its prototype, since it may come from another realm (jest, vm). */
export const anObject: Check = (value) => {
  if (typeof value === 'object' && value !== null) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  }
  return 'a plain object';
};

export const aName: Check = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty';

/** What a value is, by its shape: the other copy of this package (ESM, CommonJS) makes the same things. */
export const has = (value: unknown, ...members: readonly string[]): boolean =>
  members.every((name) => name in Object(value));

export const having =
  (methods: readonly string[], allowed: string): Check =>
  (value) =>
    methods.every((name) => typeof Object(value)[name] === 'function') ? undefined : allowed;

const listens = having(['addEventListener', 'removeEventListener'], 'an AbortSignal');

export const anAbortSignal: Check = (value) =>
  listens(value) ??
  (typeof (value as AbortSignal).aborted === 'boolean' ? undefined : 'an AbortSignal');

export const aClock: Check = having(
  ['now', 'after', 'block'],
  'a Clock, with now(), after() and block()',
);

/** A value as an error message may show it: short, and never the inside of an object. */
function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  // A forgotten `await`.
  if (value instanceof Promise) return 'a promise';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** Makes the error for one option. */
export function invalid(option: string, value: unknown, allowed: string): InvalidOptionError {
  return new InvalidOptionError(
    option,
    `option \`${option}\` is ${shown(value)}; allowed: ${allowed}`,
  );
}

/** Checks one option. @throws {InvalidOptionError} */
export function demand(option: string, value: unknown, check: Check): void {
  const allowed = check(value);
  if (allowed !== undefined) throw invalid(option, value, allowed);
}

/**
 * Checks every given option; one that is `undefined` counts as not given. The options are a plain object: what it inherits
 * would be used unchecked, or not at all.
 * @returns those that are given, as they were read for the check: a getter may have another value the next time.
 * @throws {InvalidOptionError} at the first that is unknown or wrong.
 */
export function checkOptions<T>(options: T, checks: Checks, prefix: string = ''): T {
  demand(prefix.slice(0, -1) || 'options', options, anObject);
  const read: Record<string, unknown> = {};
  for (const name of Object.keys(options as object)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      const allowed = Object.keys(checks).join(', ');
      throw new InvalidOptionError(
        prefix + name,
        `unknown option \`${prefix}${name}\` (given ${shown(value)}); allowed: ${allowed}`,
      );
    }
    if (value === undefined) continue;
    demand(prefix + name, value, check);
    read[name] = value;
  }
  return read as T;
}
