/** A membership is what a client has in its datasource, from when it is wrapped until it is closed. */
import { CaromError } from '@carom/core';
import type { Datasource, Member } from './datasource.js';
import { look } from './health.js';

/** The two ends of it. Both may be called at any time, and again. */
export interface Membership {
  /** The client is used, for the first time or once more. */
  open(): void;
  /** It was closed: those of its shots that wait are rejected with `CAROM_CLOSED`, and it lends no connection any more. */
  close(): void;
}

/** A membership that has not begun. */
export function createMembership(datasource: Datasource, member: Member): Membership {
  let stop: (() => void) | undefined;
  return {
    open() {
      // Who was closed behind Carom's back is a member no more, and may be used again.
      if (datasource.members.has(member)) return;
      stop?.();
      stop = member.cushion?.onChange(() => look(datasource)) ?? (() => {});
      datasource.join(member);
      look(datasource);
    },
    close() {
      stop?.();
      stop = undefined;
      datasource.leave(member);
      member.waiters.sendAway(
        () =>
          new CaromError(
            'CAROM_CLOSED',
            `the client of ${datasource.name} was closed while this waited`,
          ),
      );
    },
  };
}
