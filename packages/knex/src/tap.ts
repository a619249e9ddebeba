/** A tap listens on a connection's `query`: all that is sent on it, by whomever, and how it ends. */
import { isCursorStream, mendStream } from '@carom/postgres';
import type { Connection } from './internals.js';

/** Told of the end of a statement, once. */
export type Answered = (error: unknown, result: unknown) => void;

/** Told of each statement before it is sent. */
export type OnQuery = (sql: string | undefined) => Answered;

type Query = (...args: unknown[]) => unknown;

/** Sends a statement in place of the connection, and returns what the connection returns. */
export type Send = (sql: string | undefined, args: unknown[]) => unknown;

/** Puts the tap on, and returns what takes it off. The connection is nobody else's meanwhile. */
export function tap(connection: Connection, onQuery: OnQuery, send?: Send): () => void {
  const before = Object.getOwnPropertyDescriptor(connection, 'query');
  const query: Query = connection.query;
  connection.query = (...args) => {
    const sql = textOf(args[0]);
    const answered = onQuery(sql);
    if (isCursorStream(args[0])) mendStream(args[0], connection);
    const heard = listen(args, answered);
    const result = send === undefined ? query.apply(connection, args) : send(sql, args);
    if (!heard && result instanceof Promise) {
      result.then(
        (value: unknown) => answered(undefined, value),
        answered as (error: unknown) => void,
      );
    }
    return result;
  };
  return () => {
    if (before === undefined) Reflect.deleteProperty(connection, 'query');
    else Object.defineProperty(connection, 'query', before);
  };
}

/** The SQL of a query's first argument: a text, or a config or a cursor that holds one. */
function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null) return undefined;
  const { text, cursor } = query as { readonly text?: unknown; readonly cursor?: unknown };
  if (typeof text === 'string') return text;
  return cursor === undefined ? undefined : textOf(cursor);
}

/** Listens where the answer does not come by promise: a stream, a callback, a cursor. */
function listen(args: unknown[], answered: Answered): boolean {
  const [first, last] = [args[0], args.at(-1)];
  if (isCursorStream(first)) {
    first.once('error', (error: unknown) => answered(error, undefined));
    first.once('close', () => answered(undefined, undefined));
    return true;
  }
  if (typeof last !== 'function') return listenToSubmittable(first, answered);
  args[args.length - 1] = (error: unknown, result: unknown): unknown => {
    answered(error ?? undefined, result);
    return last(error, result);
  };
  return true;
}

function listenToSubmittable(first: unknown, answered: Answered): boolean {
  const submittable = first as
    | { handleError?: Query; handleReadyForQuery?: Query }
    | null
    | undefined;
  if (typeof submittable?.handleError !== 'function') return false;
  const { handleError, handleReadyForQuery } = submittable;
  submittable.handleError = (...rest) => {
    answered(rest[0], undefined);
    return handleError.apply(submittable, rest);
  };
  submittable.handleReadyForQuery = (...rest) => {
    answered(undefined, undefined);
    return handleReadyForQuery?.apply(submittable, rest);
  };
  return true;
}
