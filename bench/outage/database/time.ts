/** The time of a simulated world: some of an adapter goes by the system's clock, whatever clock its client was given. */
import { type Clock, systemClock } from '@carom/core';

/**
 * Has the system's clock show the time of the world until the returned function is called. The resolver of lost COMMITs, the guards
 * of transactions and the room where connections are waited for know no other. One world at a time.
 */
export function replaceSystemClock(clock: Clock): () => void {
  const { now, after } = systemClock;
  Object.assign(systemClock, {
    now: () => clock.now(),
    after: (delay: number, callback: () => void) => clock.after(delay, callback),
  } satisfies Partial<Clock>);
  return () => {
    Object.assign(systemClock, { now, after });
  };
}
