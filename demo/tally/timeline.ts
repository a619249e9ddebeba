/** A timeline is what happened in a run, and when. */
import type { PlayedFault } from '../faults/player.js';
import type { DecisionsShown } from './decisions.js';

/** What a chart shows of one run. The counts have one number per stretch. */
export interface Timeline {
  readonly stretch: number;
  readonly succeeded: readonly number[];
  /** Operations that ended with an error, whichever. */
  readonly errors: readonly number[];
  readonly faults: readonly PlayedFault[];
  /** When the operations were asked for that were done more than once. */
  readonly doubles: readonly number[];
  /** What Carom did; the others decide nothing that they would tell of. */
  readonly decisions: DecisionsShown | undefined;
}
