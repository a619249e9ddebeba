/** A handle is the client that a transaction callback works with; it is void once its attempt is over. */
import { AsyncResource } from 'node:async_hooks';
import { CaromError } from '@carom/core';
import type { AttemptLog } from '@carom/postgres';
import type { PoolClient } from 'pg';
import { isSubmittable, textOf } from './intent.js';
import { mend } from './mend.js';
import type { Session } from './session.js';

/** The client of one attempt, and the way to take it away again. */
export interface Handle {
  readonly client: PoolClient;
  /** From now on every use throws: the transaction it belonged to is over. */
  poison(): void;
}

type Query = (...args: unknown[]) => unknown;

/** Wraps a client so that the log sees what the callback sends and what fails. */
export function openHandle(session: Session, log: AttemptLog): Handle {
  const real = session.client;
  let over = false;
  const query: Query = (...args) => {
    if (over || log.abandoned) return refuse(args);
    const text = textOf(args[0]);
    log.send(text);
    watchCallback(args, log);
    mend(args[0], real);
    const result =
      log.guard === undefined
        ? (real.query as Query).apply(real, args)
        : log.guard.send(text, args);
    if (result instanceof Promise) session.track(result);
    return result;
  };
  const release = (): never => {
    throw new CaromError(
      'CAROM_HANDLE_IN_USE',
      'the client of a transaction is released by Carom, when the transaction is over',
    );
  };
  const client = new Proxy(real, {
    get(target, property) {
      if (property === 'query') return query;
      if (property === 'release') return release;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const poison = (): void => {
    over = true;
  };
  return { client, poison };
}

/** Refuses in the form in which the answer was asked for. @throws where it was asked for in none. */
function refuse(args: readonly unknown[]): unknown {
  const error = new CaromError(
    'CAROM_HANDLE_SETTLED',
    'this client belongs to a transaction attempt that is over: use the one that the callback was given',
  );
  const callback = args.at(-1);
  if (typeof callback === 'function') return callback(error);
  // A cursor or a stream returns itself, so that nobody would hear of a promise.
  if (isSubmittable(args[0])) throw error;
  return Promise.reject(error);
}

/** Errors that do not come by promise: of a callback, of a cursor, of a stream. */
function watchCallback(args: unknown[], log: AttemptLog): void {
  const last = args.at(-1);
  if (typeof last === 'function') {
    // In the caller's async context, where what it writes beside the transaction is known to be inside it: `pg` calls from its own.
    args[args.length - 1] = AsyncResource.bind((error: unknown, result: unknown): unknown => {
      if (error) log.note(error);
      return last(error, result);
    });
    return;
  }
  const submittable = args[0] as { handleError?: Query } | null | undefined;
  const handleError = submittable?.handleError;
  if (submittable === null || submittable === undefined || handleError === undefined) return;
  submittable.handleError = (...rest) => {
    log.note(rest[0]);
    return handleError.apply(submittable, rest);
  };
}
