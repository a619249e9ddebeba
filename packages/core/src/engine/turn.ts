/** A shot's turn: after it has met contention, or from the beginning where many of its kind meet it (retry). */
import type { Millis } from '../clock.js';
import type { Permit } from '../parking.js';
import { announce } from '../telemetry/announce.js';
import { decided } from '../telemetry/decided.js';
import type { Course } from './course.js';
import { enter, Refused } from './entry.js';
import { refused } from './refused.js';
import type { Rules } from './rules.js';
import { attemptOf } from './telling.js';

/** So long waits who has not met contention itself, in ms: as long as the longest delay of who has. */
const longestFirst: Millis = 1_000;

/** Whether shots of some kind meet contention. */
export const isContended = ({ budget }: Rules): boolean => budget?.turns?.intensity.isAny === true;

/** Whether the shot takes its turn before its first attempt. */
export function beginsInTurn<T>({ rules, shot }: Course<T>): boolean {
  const share = rules.budget?.turns?.intensity.shareOf(shot) ?? 0;
  return share > 0 && rules.random() < share;
}

/**
 * Enters for the first time, in the shot's turn, or without one when it does not come soon: it need not be in anybody's way.
 * @throws how the shot ends that is not let in.
 */
export async function enterInTurn<T>(course: Course<T>): Promise<Permit> {
  const turns = course.rules.budget?.turns;
  const waits = turns?.isTaken === true;
  if (waits) {
    const why = 'others of its kind meet contention';
    announce('shotParked', () => ({ ...attemptOf(course), ...decided('wait', why) }));
  }
  try {
    course.turn = await turns?.take(course, longestFirst);
  } catch (reason) {
    throw refused(course, reason);
  }
  if (waits) {
    const { waited } = course;
    const decision = decided('admit', course.turn === 0 ? 'it has waited long enough' : 'its turn');
    announce('shotReleased', () => ({ ...attemptOf(course), waited, ...decision }));
  }
  const entered = enter(course);
  if (entered instanceof Refused) throw entered.end;
  return entered;
}

/** The turn is over, whatever came of it. */
export function endTurn<T>({ rules, turn }: Course<T>): void {
  rules.budget?.turns?.giveBack(turn);
}
