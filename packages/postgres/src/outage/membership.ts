/** A membership is what a client has in its datasource, from when it is wrapped until it is closed. */
import { CaromError, CircuitOpenError, type CushionState } from '@carom/core';
import type { Datasource, Member } from './datasource.js';
import { look } from './health.js';

/** The two ends of it. Both may be called at any time, and again. */
export interface Membership {
  /** Whether the client was closed, and not used again since. */
  readonly isClosed: boolean;
  /** The client is used, for the first time or once more. */
  open(): void;
  /** It was closed: those of its shots that wait are rejected with `CAROM_CLOSED`, and it lends no connection any more. */
  close(): void;
}

/** The error of a shot that waits, or would wait, on a client that is closed. */
export function closedError(datasource: string): CaromError {
  return new CaromError('CAROM_CLOSED', `the client of ${datasource} was closed while this waited`);
}

/** A membership that has not begun. */
export function createMembership(datasource: Datasource, member: Member): Membership {
  let stop: (() => void) | undefined;
  let isClosed = false;
  const { room, cushion, waiters } = member;
  const onChange = (state: CushionState): void => {
    look(datasource);
    if (state === 'open' || state === 'isolated')
      room.callBack(() => calledOff(datasource, member));
  };
  return {
    get isClosed() {
      return isClosed;
    },
    open() {
      isClosed = false;
      // Who was closed behind Carom's back is a member no more, and may be used again.
      if (datasource.members.has(member)) return;
      stop?.();
      stop = cushion?.onChange(onChange) ?? (() => {});
      datasource.join(member);
      look(datasource);
    },
    close() {
      isClosed = true;
      stop?.();
      stop = undefined;
      datasource.leave(member);
      waiters.sendAway(() => closedError(datasource.name));
      room.callBack(() => closedError(datasource.name));
    },
  };
}

/** For those who wait for a connection when the circuit opens: they wait at the cushion instead, as far as they may. */
function calledOff({ name }: Datasource, { cushion }: Member): CircuitOpenError {
  const message = `the cushion (circuit breaker) of ${name} opened while this waited for a connection: nothing was sent`;
  return new CircuitOpenError(name, cushion?.retryAfter ?? 0, message);
}
