/** Carom codes are on the errors that Carom itself made: a refusal of its own, or a clock that ran out. */
import { lost, type Row, row, unsent } from './row.js';

const codes: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    CAROM_TIMEOUT: lost('a clock of Carom ran out; the server may still be at work'),
    CAROM_COMMIT_UNANSWERED: lost('COMMIT was not answered; the server may still be at work'),
    CAROM_FENCE_MISSING: unsent("Carom's table of commit tokens is not there"),
    // Of another shot than this one, or it would not be asked about: that shot's datasource is away.
    CAROM_CIRCUIT_OPEN: row(
      'outage',
      'not-executed',
      'keep',
      'the cushion is open: nothing was sent',
    ),
    CAROM_CLOSED: unsent('the client was closed'),
    CAROM_COMPARTMENT_FULL: row('overload', 'not-executed', 'keep', 'the compartment is full'),
    CAROM_POOL_TIMEOUT: row(
      'overload',
      'not-executed',
      'keep',
      'no connection of the pool was free in time',
    ),
    CAROM_CONNECT_TIMEOUT: row(
      'outage',
      'not-executed',
      'keep',
      'the connection was not made in time',
    ),
    CAROM_SERVER_FULL: row(
      'overload',
      'not-executed',
      'keep',
      'the server has no connection to spare',
    ),
    CAROM_THROTTLED: row('overload', 'not-executed', 'keep', 'the throttle let nothing through'),
    CAROM_SILENT_ROLLBACK: row(
      'permanent',
      'rolled-back',
      'keep',
      'the server rolled back what should be committed',
    ),
    CAROM_OUTCOME_UNKNOWN: row('permanent', 'unknown', 'discard', 'the outcome is not known', {
      neverKnown: true,
    }),
    CAROM_INVALID_OPTION: unsent('an option has a value that cannot work'),
  }),
);

/** The codes with a line of their own. */
export const knownCaromCodes: readonly string[] = [...codes.keys()].sort();

/** What one of Carom's own errors means; `undefined` for a code without a line. */
export function caromRow(code: string): Row | undefined {
  return codes.get(code);
}
