/** A scenario is one kind of trouble, and what Carom promises to make of it. */
import type { Figures } from '../figures.js';
import { isNothing } from '../leftovers.js';
import type { Scene } from '../ride.js';
import type { StrategyName } from '../strategies.js';
import type { ScenarioName } from './names.js';

export interface Scenario {
  readonly name: ScenarioName;
  readonly title: string;
  /** What the table says of it. */
  readonly reach: string;
  /** One of the main ones, which a quick look has too. */
  readonly isMain: boolean;
  readonly standby: 'none' | 'sync';
  readonly strategies: readonly StrategyName[];
  /** In how many rounds the strategies take turns: more than one where their speeds are compared, so that all meet the same machine. */
  readonly rounds?: number;
  readonly play: (scene: Scene) => Promise<Figures>;
  /** What Carom promised here and did not keep: of what no noise can break, only. */
  readonly broken: (figures: Figures) => readonly string[];
}

/** Says so when a figure is above what it may be. */
export function atMost(name: string, value: number, most: number): readonly string[] {
  return value <= most
    ? []
    : [`${name} ${value}, should be ${most === 0 ? '' : 'at most '}${most}`];
}

/** What holds in every trouble: no wrong answer, no caller forgotten, nothing left behind. */
export function always(figures: Figures): readonly string[] {
  const { duplicates, lost, denied, hung, needlesslyUnknown, left } = figures;
  return [
    ...atMost('duplicates', duplicates, 0),
    ...atMost('lost', lost, 0),
    ...atMost('said not to be done, and done', denied, 0),
    ...atMost('hung', hung, 0),
    ...atMost('unknown that could be known', needlesslyUnknown, 0),
    ...(isNothing(left) ? [] : [`left behind: ${JSON.stringify(left)}`]),
  ];
}

/** That, and no error but where nobody can know. */
export const nobodyFails = (figures: Figures): readonly string[] => [
  ...atMost('failed', figures.failed, 0),
  ...always(figures),
];
