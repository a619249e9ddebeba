/** The units of work, as the phase of a scenario has them. */
import type { Random } from '@carom/core';
import type { Phase } from '../scenarios.js';
import type { Unit } from './players.js';

/** The rows that all want where it is hot. */
const hotRows: readonly number[] = [1, 2];

const plain = { reads: [], rows: [], isSerializable: false };

/** What a unit that begins in this phase does. */
export function unitOf(nth: number, phase: Phase | undefined, chance: Random): Unit {
  const { way, rows = 0, isSerializable = false } = phase ?? {};
  const one = (count: number): number => 1 + Math.floor(chance() * count);
  // All read both, and write one of them.
  if (isSerializable) return { nth, reads: hotRows, rows: [one(hotRows.length)], isSerializable };
  if (rows > 0) return { ...plain, nth, rows: [one(rows)] };
  if (way !== 'hot') return { ...plain, nth };
  return { ...plain, nth, rows: chance() < 0.5 ? hotRows : [...hotRows].reverse() };
}
