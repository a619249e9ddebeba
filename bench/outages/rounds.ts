/** Rounds: strategies whose speeds are compared take turns, so that all meet the same machine. */
import type { Millis } from '@carom/core';
import { emptyFigures, type Figures } from './figures.js';
import type { Scenario } from './scenarios/scenario.js';
import type { StrategyName } from './strategies.js';
import { sum } from './sum.js';

/** A shorter round would be the first moments of a crowd, and little else. */
const shortest: Millis = 2_000;

/** How many there are, and how long the trouble of each lasts; undefined for as long as the scenario's own words say. */
export function roundsOf(
  { rounds = 1 }: Scenario,
  trouble: Millis | undefined,
): { readonly rounds: number; readonly trouble: Millis | undefined } {
  if (trouble === undefined) return { rounds, trouble };
  const fitting = Math.min(rounds, Math.max(1, Math.floor(trouble / shortest)));
  return { rounds: fitting, trouble: trouble / fitting };
}

/** In which order they play when so many rounds are left: each round begins with another one. */
export function turnsOf(
  strategies: readonly StrategyName[],
  left: number,
): readonly StrategyName[] {
  const first = left % strategies.length;
  return [...strategies.slice(first), ...strategies.slice(0, first)];
}

/** What the rounds of one strategy come to; the chart is the last one's. */
export function joined(rounds: readonly Figures[]): Figures {
  const last = rounds.at(-1);
  if (last === undefined || rounds.length === 1) return last ?? emptyFigures;
  const { timeline } = last;
  return { ...sum(rounds), ...(timeline === undefined ? {} : { timeline }) };
}
