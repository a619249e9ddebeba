/** A handle is the client that a transaction callback works with; it is void once its attempt is over. */
import { CaromError } from '@carom/core';
import type { AttemptLog } from '@carom/postgres';
import type { PoolClient } from 'pg';
import { textOf } from './intent.js';
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
    if (over || log.abandoned) return refuse(args.at(-1));
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

/** Refuses in the form in which the answer was asked for. */
function refuse(callback: unknown): unknown {
  const error = new CaromError(
    'CAROM_HANDLE_SETTLED',
    'this client belongs to a transaction attempt that is over: use the one that the callback was given',
  );
  return typeof callback === 'function' ? callback(error) : Promise.reject(error);
}

/** Errors that do not come by promise: of a callback, of a cursor, of a stream. */
function watchCallback(args: unknown[], log: AttemptLog): void {
  const last = args.at(-1);
  if (typeof last === 'function') {
    args[args.length - 1] = (error: unknown, result: unknown): unknown => {
      if (error) log.note(error);
      return last(error, result);
    };
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
