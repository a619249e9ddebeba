/** The intent of a builder, read or write, and its name; asked only when an outcome is unknown. */
import { type Intent, isReadOnly, replayRefusal } from '@carom/postgres';
import { isPlainSelect } from './ast.js';
import type { Builder, Compiled } from './internals.js';

const readingSchemaCalls: ReadonlySet<string> = new Set(['hasTable', 'hasColumn']);

/** A read only when beyond doubt. */
export function intentOf(builder: Builder): Intent {
  const { _sequence: calls } = builder;
  if (calls !== undefined) {
    return calls.every(({ method }) => readingSchemaCalls.has(method)) ? 'read' : 'write';
  }
  return isPlainSelect(builder) || onlyReads(builder) ? 'read' : 'write';
}

/** What the builder compiles to, as the server would see it. */
function onlyReads(builder: Builder): boolean {
  try {
    const compiled = builder.toSQL();
    const statements = Array.isArray(compiled) ? compiled : [compiled];
    return statements.every(({ sql }) => isReadOnly(builder.client.positionBindings(sql)));
  } catch {
    // It cannot be sent either, and the caller hears of that when it is.
    return false;
  }
}

/**
 * Why what was sent may not be sent again, whatever went wrong with the last of it. The statements of a
 * schema builder commit one by one: an ERROR in the second leaves the first done.
 */
export function refusalOf(sent: readonly Compiled[]): string | undefined {
  const earlier = sent.slice(0, -1);
  if (!earlier.every(({ sql }) => isReadOnly(sql))) {
    return 'earlier statements of the same schema builder are done and stay done';
  }
  const last = sent.at(-1);
  return last === undefined ? undefined : replayRefusal(last.sql);
}

/** The name of a builder's shot: `orders.insert`, `raw`, `schema`. */
export function nameOf({ _sequence, _method, _single }: Builder): string {
  if (_sequence !== undefined) return 'schema';
  if (_method === undefined) return 'raw';
  return typeof _single?.table === 'string' ? `${_single.table}.${_method}` : _method;
}
