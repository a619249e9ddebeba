/** A stage is where the work was when it failed: a phase, and for a statement whether a transaction was around it. */
import type { FailureContext, Phase } from '@carom/postgres';

/** One column of the table. */
export interface Stage {
  readonly phase: Phase;
  readonly inTransaction: boolean;
  /** For a person. */
  readonly label: string;
}

/** In the order in which work comes through them. */
export const stages: readonly Stage[] = [
  { phase: 'acquire', inTransaction: false, label: 'acquire' },
  { phase: 'connect', inTransaction: false, label: 'connect' },
  { phase: 'begin', inTransaction: true, label: 'begin' },
  { phase: 'statement', inTransaction: false, label: 'statement' },
  { phase: 'statement', inTransaction: true, label: 'statement in a transaction' },
  { phase: 'commit', inTransaction: true, label: 'commit' },
  { phase: 'rollback', inTransaction: true, label: 'rollback' },
];

/** The names of the phases. */
export const phases: readonly Phase[] = [...new Set(stages.map(({ phase }) => phase))];

/** What `classify` is told of it. */
export function contextOf({ phase, inTransaction }: Stage): FailureContext {
  return { phase, inTransaction };
}
