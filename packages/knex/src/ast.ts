/** What a query builder holds, read from its syntax tree (AST): whether it is a SELECT that Knex wrote, every word of it. */
import type { Builder } from './internals.js';

const selecting: ReadonlySet<unknown> = new Set(['select', 'first', 'pluck', 'columnInfo']);

/**
 * Whether the builder is a SELECT without locks, raw fragments or CTEs that change data. Callbacks count as
 * raw: what they build is not known before they are called. Functions and operators that Knex itself writes
 * are harmless, and identifiers are quoted.
 */
export function isPlainSelect(builder: Builder): boolean {
  return isPlain(builder, new WeakSet());
}

function isPlain(value: unknown, seen: WeakSet<object>): boolean {
  if (typeof value === 'function') return false;
  if (typeof value !== 'object' || value === null || seen.has(value)) return true;
  seen.add(value);
  if (isBuilder(value)) return isPlainBuilder(value, seen);
  if (Array.isArray(value)) return value.every((item) => isPlain(item, seen));
  if (isFragment(value)) return isReference(value);
  // Anything else of a class of its own is a value, which goes to the server as a parameter.
  if (!isNode(value)) return true;
  return Object.values(value).every((item) => isPlain(item, seen));
}

function isPlainBuilder(
  { _method, _single = {}, _statements }: Builder,
  seen: WeakSet<object>,
): boolean {
  if (!selecting.has(_method) || _single.lock !== undefined) return false;
  return isPlain(_single, seen) && isPlain(_statements, seen);
}

function isBuilder(value: object): value is Builder {
  return '_statements' in value && '_method' in value;
}

/** Whether it puts SQL of its own into the text. */
function isFragment(value: object): boolean {
  return typeof (value as { readonly toSQL?: unknown }).toSQL === 'function';
}

/** `knex.ref('users.id')` is an identifier and no more, unless it is wrapped in words of the caller's. */
function isReference(value: object): boolean {
  const { ref, _wrappedBefore, _wrappedAfter } = value as Readonly<Record<string, unknown>>;
  return typeof ref === 'string' && _wrappedBefore === undefined && _wrappedAfter === undefined;
}

/** A part of the tree: a plain object, a join, a window function. */
function isNode(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return 'joinType' in value || (value as { readonly type?: unknown }).type === 'analytic';
}
