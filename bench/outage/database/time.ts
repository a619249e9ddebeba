/** The time of a simulated world: an adapter and the pool go by the system's clock in places, whatever clock a client was given. */
import { type Clock, systemClock, type Timer } from '@carom/core';

/**
 * Has the system's clock and Node's timers show the time of the world until the returned function is called. The resolver of lost
 * COMMITs, the guards of transactions, the room where connections are waited for and `pg-pool`, which ends one that takes too long
 * to make, know no other. One world at a time.
 */
export function replaceSystemClock(clock: Clock): () => void {
  const { now, after } = systemClock;
  const { setTimeout, clearTimeout } = globalThis;
  Object.assign(systemClock, {
    now: () => clock.now(),
    after: (delay: number, callback: () => void) => clock.after(delay, callback),
  } satisfies Partial<Clock>);
  Object.assign(globalThis, {
    setTimeout: (callback: (...args: unknown[]) => void, delay: number, ...args: unknown[]) =>
      clock.after(delay, () => callback(...args)),
    clearTimeout(timer: Timer | NodeJS.Timeout | undefined): void {
      if (timer !== undefined && 'cancel' in timer) timer.cancel();
      else clearTimeout(timer);
    },
  });
  return () => {
    Object.assign(systemClock, { now, after });
    Object.assign(globalThis, { setTimeout, clearTimeout });
  };
}
