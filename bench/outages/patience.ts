/** Waiting, for a time or for a condition: what runs have to do while something else happens. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Millis } from '@carom/core';

const look: Millis = 10;

/** Waits until `condition` holds, `most` ms at most; whether it did. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  most: Millis,
): Promise<boolean> {
  const end = performance.now() + most;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= end) return false;
    await pause(look);
  }
}

/** What comes of `work`, or undefined when it takes longer than `most` ms, or fails. */
export async function inTime<T>(work: Promise<T>, most: Millis): Promise<T | undefined> {
  const controller = new AbortController();
  try {
    return await Promise.race([
      work.catch(() => undefined),
      pause(most, undefined, { signal: controller.signal }).catch(() => undefined),
    ]);
  } finally {
    controller.abort();
  }
}
