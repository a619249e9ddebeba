/** The strategies of the outages: bare, cockatiel around each call, Carom, and loops as people tune them by hand. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Millis } from '@carom/core';
import * as cockatiel from 'cockatiel';

export const strategies = ['none', 'cockatiel', 'carom'] as const;
/** Carom with nothing around COMMIT, as a loop by hand has nothing there: the difference is what it costs to know. */
export const unguarded = 'carom unguarded';
/** Where many want the same rows the best that can be written by hand is there to compare with. */
export const loops = [
  'loop at once',
  'loop 10 ms',
  'loop 50 ms',
  'loop 200 ms',
  'loop doubling',
] as const;

export type StrategyName = (typeof strategies)[number] | typeof unguarded | (typeof loops)[number];

/** Whether the client is wrapped. */
export const isCarom = (name: StrategyName): boolean => name === 'carom' || name === unguarded;

/** Plays one call. */
export type Play = <T>(call: () => Promise<T>) => Promise<T>;

const once: Play = (call) => call();

/** As its documentation wraps it, with as many retries as Carom and a breaker that asks ten times as soon. */
function wrapped(): Play {
  const { handleAll } = cockatiel;
  const policy = cockatiel.wrap(
    cockatiel.retry(handleAll, { maxAttempts: 5, backoff: new cockatiel.ExponentialBackoff() }),
    cockatiel.circuitBreaker(handleAll, {
      halfOpenAfter: 1_000,
      breaker: new cockatiel.ConsecutiveBreaker(5),
    }),
  );
  return (call) => policy.execute(call);
}

/** Again on any error, by chance up to so many ms later. */
function loop(most: (attempt: number) => Millis): Play {
  return async (call) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (attempt === 1_000) throw error;
        const delay = Math.random() * most(attempt);
        if (delay > 0) await pause(delay);
      }
    }
  };
}

/** How calls are played. Carom plays its own. */
export function playOf(name: StrategyName): Play {
  switch (name) {
    case 'none':
    case 'carom':
    case unguarded:
      return once;
    case 'cockatiel':
      return wrapped();
    case 'loop at once':
      return loop(() => 0);
    case 'loop 10 ms':
      return loop(() => 10);
    case 'loop 50 ms':
      return loop(() => 50);
    case 'loop 200 ms':
      return loop(() => 200);
    case 'loop doubling':
      return loop((attempt) => Math.min(1_000, 10 * 2 ** (attempt - 1)));
  }
}
