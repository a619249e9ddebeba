/** The permit path as an adapter walks it. */
import { finalSequence, firstAttempt, type Shot, type Strategy } from '@carom/core';

/** What an adapter does that has an async frame of its own. */
export async function byPermit<T>(strategy: Strategy, shot: Shot<T>): Promise<T> {
  const permit = strategy.enter();
  if (permit === 0) return strategy.play(shot);
  const inner = finalSequence();
  let value: T;
  try {
    value = await shot.play(firstAttempt);
  } catch (error) {
    return strategy.resume(shot, { error, permit, inner });
  }
  strategy.succeed(permit);
  return value;
}
