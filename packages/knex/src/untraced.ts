/** An untraced builder has forgotten in which trace it was made, so that a span of its statement lies in the attempt that sends it. */
import { isSurrounded } from '@carom/core';
import type { Builder } from './internals.js';

/** Where `@opentelemetry/instrumentation-knex` keeps the context that a builder was made in, and looks for it at each statement. */
const key = 'opentelemetry.instrumentation-knex.context';

/**
 * The builder as that instrumentation is to see it: it keeps the context, since awaiting a builder may lose it, but
 * where a tracer stands around the attempts theirs is the right one.
 */
export function untraced(builder: Builder): Builder {
  if (!isSurrounded()) return builder;
  const made = Object.getOwnPropertySymbols(builder).find(({ description }) => description === key);
  return made === undefined ? builder : without(made, builder);
}

// Apart, since what its closure remembers is allocated where it is called.
function without(made: symbol, builder: Builder): Builder {
  // What listens to the builder gets the builder itself, and not this.
  const emit = { value: (...args: unknown[]): unknown => builder.emit(...args) };
  return Object.create(builder, { [made]: { value: undefined }, emit }) as Builder;
}
