/** Polling asks again until the answer is yes: a wait on a condition, with a deadline. */
import { setTimeout as pause } from 'node:timers/promises';

/** How often to ask and how long to go on, in ms. */
export interface PollOptions {
  /** Between two questions. Default 10. */
  readonly every?: number;
  /** From the first question to giving up. Default 30,000. */
  readonly deadline?: number;
}

/**
 * Resolves with the first answer of `question` that is neither undefined nor false.
 *
 * @throws Error that names `what` when the deadline has passed
 */
export async function poll<T>(
  what: string,
  question: () => T | Promise<T>,
  { every = 10, deadline = 30_000 }: PollOptions = {},
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + deadline;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, false | undefined>;
    if (performance.now() >= end) throw new Error(`waited ${deadline} ms for ${what}`);
    await pause(every);
  }
}
