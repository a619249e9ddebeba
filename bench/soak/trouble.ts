/** Trouble: what an action of the soak may do, by chance, and callers who lose patience. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from '@carom/core';

const failure = new Error('by chance');

/** Resolves or rejects when nobody waits any more: what hangs in a soak must not hang for ever. */
const hang = ({ signal }: Attempt): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

const deeds: readonly ((attempt: Attempt) => unknown)[] = [
  () => 'at once',
  async () => 'soon',
  () => delay(1, 'later'),
  () => delay(12, 'too late for an attempt'),
  () => Promise.reject(failure),
  async () => {
    await delay(2);
    throw failure;
  },
  () => {
    throw failure;
  },
  hang,
];

/** An action that goes well `calm` times of a hundred, and else does anything at all. */
export function troubled(calm: number): (attempt: Attempt) => unknown {
  return Math.random() * 100 < calm
    ? () => 'at once'
    : (deeds[Math.floor(Math.random() * deeds.length)] ?? hang);
}
