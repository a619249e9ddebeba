/** The intent of a `pg` query, read or write, from its text; asked only when an outcome is unknown. */
import { type Intent, isReadOnly } from '@carom/postgres';

/** The SQL of a query's first argument: a text, or a config or a submittable that holds one. */
export function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null) return undefined;
  const { text, cursor } = query as { readonly text?: unknown; readonly cursor?: unknown };
  if (typeof text === 'string') return text;
  return cursor === undefined ? undefined : textOf(cursor);
}

/** A read only when beyond doubt. */
export function intentOf(query: unknown): Intent {
  const text = textOf(query);
  return text !== undefined && isReadOnly(text) ? 'read' : 'write';
}

/** Whether `query` drives the wire itself (a cursor, a stream), so that nobody can play it again. */
export function isSubmittable(query: unknown): boolean {
  return typeof (query as { submit?: unknown } | null | undefined)?.submit === 'function';
}
