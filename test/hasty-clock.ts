/** A clock that is always in a hurry: what waits on it goes on in the next turn of the event loop. */
import type { Clock } from '@carom/core';

export function hastyClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    after(delay, callback) {
      const turn = setImmediate(() => {
        now += delay;
        callback();
      });
      return {
        cancel: () => clearImmediate(turn),
        ref: () => turn.ref(),
        unref: () => turn.unref(),
      };
    },
    block(delay) {
      now += delay;
    },
  };
}
