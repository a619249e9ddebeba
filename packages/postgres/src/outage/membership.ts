/** A membership is what a client has in its datasource, from when it is wrapped until it is closed. */
import { CaromError } from '@carom/core';
import type { Datasource } from './datasource.js';
import { note } from './health.js';
import { listen } from './listening.js';
import type { Member } from './members.js';

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

/** What is left to do for a client that was dropped without being closed. */
const dropped = new FinalizationRegistry<() => void>((forget) => forget());

/** Apart from whatever holds the member, since a closure holds all that is around it. */
const forgetting = (datasource: Datasource, stop: () => void) => (): void => {
  stop();
  datasource.prune();
};

/** A membership that has not begun. Whoever holds it, or the client's strategy, holds the member; a datasource does not. */
export function createMembership(datasource: Datasource, member: Member): Membership {
  let stop: (() => void) | undefined;
  let isClosed = false;
  const { room, cushion, waiters } = member;
  const end = (): void => {
    stop?.();
    stop = undefined;
    // What is left to do holds the datasource, with all that its clock holds.
    dropped.unregister(member);
  };
  return {
    get isClosed() {
      return isClosed;
    },
    open() {
      isClosed = false;
      // Who was closed behind Carom's back is a member no more, and may be used again.
      if (datasource.members.has(member)) return;
      end();
      stop = cushion === undefined ? () => {} : listen(datasource, cushion);
      dropped.register(member, forgetting(datasource, stop), member);
      datasource.join(member);
      note(datasource, cushion);
    },
    close() {
      isClosed = true;
      end();
      datasource.leave(member);
      waiters.sendAway(() => closedError(datasource.name));
      room.callBack(() => closedError(datasource.name));
    },
  };
}
