/** The players of units of work on the simulated Postgres: bare `pg`, a loop written by hand, and the adapter of Carom for it. */
import type { Millis } from '@carom/core';
import { type CaromPool, wrapPool } from '@carom/pg';
import { type CommitLevel, type ExecutionOptions, scoreboard } from '@carom/postgres';
import type { Pool, PoolClient } from 'pg';
import type { Source } from '../source.js';
import { insertUnit, readRow, updateRow } from './statements.js';

/** One unit of work: a transaction that reads some rows, puts its number in, and writes some rows, in this order. */
export interface Unit {
  readonly nth: number;
  readonly reads: readonly number[];
  readonly rows: readonly number[];
  readonly isSerializable: boolean;
}

/** What plays units of work on a pool. */
export interface UnitPlayer {
  play(unit: Unit): Promise<unknown>;
  /** Whether this error leaves open what became of the unit. */
  isUnknown(error: unknown): boolean;
  /** Forgets the pool. */
  close(): void;
}

/** What a scenario sets of Carom's options. */
export type Settings = Pick<ExecutionOptions, 'timeout' | 'attemptTimeout'>;

/** `opened` is called when its circuit opens. */
export type MakeUnitPlayer = (
  source: Source,
  pool: Pool,
  opened: () => void,
  settings?: Settings,
) => UnitPlayer;

async function write(client: Pick<PoolClient, 'query'>, { nth, reads, rows }: Unit): Promise<void> {
  for (const row of reads) await client.query(readRow, [row]);
  await client.query(insertUnit, [nth]);
  for (const row of rows) await client.query(updateRow, [row]);
}

async function transact(pool: Pool, unit: Unit): Promise<void> {
  const client = await pool.connect();
  // Nobody else listens, and an error without a listener ends the process.
  const ignore = (): void => {};
  client.on('error', ignore);
  try {
    await client.query(unit.isSerializable ? 'BEGIN ISOLATION LEVEL SERIALIZABLE' : 'BEGIN');
    await write(client, unit);
    await client.query('COMMIT');
    client.off('error', ignore);
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** A pool says so when a connection is lost that nobody has, and ends the process where nobody listens. */
const watched = (pool: Pool): UnitPlayer => {
  pool.on('error', () => {});
  return { play: (unit) => transact(pool, unit), isUnknown: () => false, close: () => {} };
};

/** Bare `pg`. */
export const bare: MakeUnitPlayer = (_source, pool) => watched(pool);

const tries = 5;
const pause: Millis = 50;

/** The loop that many write: any error, the whole of it again. */
export const loop: MakeUnitPlayer = ({ clock }, pool) => {
  const { play: once, ...rest } = watched(pool);
  const play: UnitPlayer['play'] = async (unit) => {
    for (let nth = 1; ; nth++) {
      try {
        return await once(unit);
      } catch (error) {
        if (nth === tries) throw error;
        await new Promise<void>((wake) => clock.after(pause, wake));
      }
    }
  };
  return { ...rest, play };
};

/** Carom, as a user has it but for the time, and for patience enough for everybody. */
export const wrapped =
  (commit: CommitLevel): MakeUnitPlayer =>
  ({ clock, random }, pool, opened, settings) => {
    const usual = { clock, random, commit, patience: 30_000, silence: false } as const;
    const options = { ...usual, ...settings };
    const wrapping: CaromPool = wrapPool(pool, options);
    const stop = scoreboard.on('circuitOpened', ({ previous }) => {
      if (previous === 'closed') opened();
    });
    return {
      play: (unit) =>
        wrapping.transaction(
          (client) => write(client, unit),
          unit.isSerializable ? { isolationLevel: 'serializable' } : {},
        ),
      isUnknown: (error) => (error as { code?: unknown }).code === 'CAROM_OUTCOME_UNKNOWN',
      close() {
        stop();
        void wrapping.end();
      },
    };
  };
