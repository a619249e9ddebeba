/** A shot's turn: after it has met contention, or from the beginning where many of its kind meet it (retry). */
import type { Permit } from '../parking.js';
import type { Course } from './course.js';
import { enter, Refused } from './entry.js';
import { refused } from './refused.js';
import type { Rules } from './rules.js';
import { attemptOf } from './telling.js';

/** Whether shots of some kind meet contention. */
export const isContended = ({ budget }: Rules): boolean => budget?.turns?.intensity.isAny === true;

/** Whether the shot takes its turn before its first attempt. */
export function beginsInTurn<T>({ rules, shot }: Course<T>): boolean {
  return rules.budget?.turns?.isFor(shot, rules.random) === true;
}

/**
 * Enters for the first time, in the shot's turn, or without one when it does not come soon.
 * @throws how the shot ends that is not let in.
 */
export async function enterInTurn<T>(course: Course<T>): Promise<Permit> {
  try {
    course.turn = await course.rules.budget?.turns?.takeFirst(course, () => attemptOf(course));
  } catch (reason) {
    throw refused(course, reason);
  }
  const entered = enter(course);
  if (entered instanceof Refused) throw entered.end;
  return entered;
}

/** The turn is over, whatever came of it. */
export function endTurn<T>({ rules, turn }: Course<T>): void {
  rules.budget?.turns?.giveBack(turn);
}
