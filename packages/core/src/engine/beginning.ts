/** The beginning of a shot that needs more than its first attempt, or that somebody hears of (retry, telemetry). */
import { board } from '../telemetry/board.js';
import { Course } from './course.js';
import type { Rules } from './rules.js';
import type { Shot } from './shot.js';

/** The course of a shot that begins now. */
export function beginning<T>(rules: Rules, shot: Shot<T>): Course<T> {
  // Who needs no time reads no clock.
  const timed = rules.timeout !== undefined || board.everyShot !== 0;
  return new Course(rules, shot, timed ? rules.clock.now() : undefined);
}
