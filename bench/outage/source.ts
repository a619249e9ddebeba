/** A source is where a strategy of the simulation takes its time and its chance from. */
import type { Clock, Random } from '@carom/core';

export interface Source {
  readonly clock: Clock;
  readonly random: Random;
}
