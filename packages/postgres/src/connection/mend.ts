/** Mending of `pg-query-stream`: plain, a stream whose connection is lost hangs for ever, without an error. */
import type { Readable } from 'node:stream';

/** What is needed of a `pg` client. */
export interface MendableClient {
  once(event: 'end', listener: () => void): unknown;
  off(event: 'end', listener: () => void): unknown;
  /** The connection is gone, and `end` was emitted or will be in this turn. */
  readonly _ended?: boolean | undefined;
}

/** A `pg-query-stream`. */
export interface CursorStream extends Readable {
  readonly cursor: unknown;
}

/** Whether `query` is a stream over a cursor. */
export function isCursorStream(query: unknown): query is CursorStream {
  const { cursor, _destroy, once } = (query ?? {}) as Record<string, unknown>;
  return cursor !== undefined && typeof _destroy === 'function' && typeof once === 'function';
}

/**
 * Closing the cursor waits for a ReadyForQuery, which a dead connection never sends: the end of the
 * connection has to do as well. The error that the stream was destroyed with stays its error.
 */
export function mendStream(stream: CursorStream, connection: MendableClient): void {
  const close = stream._destroy;
  stream._destroy = (error, callback) => {
    let over = false;
    const finish = (late?: Error | null): void => {
      if (over) return;
      over = true;
      connection.off('end', onEnd);
      callback(late ?? error);
    };
    const onEnd = (): void => finish(error ?? new Error('Connection terminated unexpectedly'));
    connection.once('end', onEnd);
    if (connection._ended === true) return onEnd();
    close.call(stream, error, finish);
  };
}
