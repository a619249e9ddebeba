/** The world of the Knex tests: one real server behind a fault proxy, and Knexes that lead through it. */
import { type CaromKnex, type ExecutionOptions, wrapKnex } from '@carom/knex';
import { afterEach, beforeEach } from '@jest/globals';
import knex, { type Knex } from 'knex';
import { until } from '../contract/world.js';
import { hastyClock } from '../hasty-clock.js';
import { createStage, type Stage } from '../stage.js';

export { failure, settled, until } from '../contract/world.js';

/** A pool of tarn, as far as tests look at it. */
export interface Pool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

export interface Opened {
  readonly plain: Knex;
  readonly db: CaromKnex<Knex>;
  readonly pool: Pool;
}

export interface World extends Stage {
  /** What Knex wrote to its log since the test began. */
  readonly warnings: string[];
  /** A Knex through the proxy and its wrapped form; destroyed after the test. Delays do not wait. */
  open(options?: ExecutionOptions, config?: Partial<Knex.Config>): Opened;
  config(): Knex.PgConnectionConfig;
  /** Asks the server itself, not through the proxy. */
  ask<T = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** The rows of `items` with these ids, in order. */
  items(...ids: number[]): Promise<number[]>;
}

/** Starts the world before the tests of a file and ends it after them. */
export function createWorld(): World {
  const stage = createStage();
  let opened: Knex[] = [];
  const warnings: string[] = [];
  beforeEach(async () => {
    warnings.length = 0;
    await stage.cluster.primary.query(
      `DROP TABLE IF EXISTS items;
       CREATE TABLE items (id int PRIMARY KEY, v int NOT NULL DEFAULT 0);
       INSERT INTO items (id) SELECT generate_series(1, 2000)`,
    );
  });
  afterEach(async () => {
    stage.proxy.blackHole(false);
    for (const it of opened) await it.destroy();
    opened = [];
    // What was cut off without the server's knowledge still holds its locks there.
    stage.proxy.cutAll();
  });
  const config = (): Knex.PgConnectionConfig => ({
    ...stage.cluster.primary.config,
    host: stage.proxy.host,
    port: stage.proxy.port,
  });
  return {
    get cluster() {
      return stage.cluster;
    },
    get proxy() {
      return stage.proxy;
    },
    warnings,
    config,
    open(options, more) {
      const log = {
        warn: (text: string) => void warnings.push(text),
        error: () => {},
        debug: () => {},
        deprecate: () => {},
      };
      const plain = knex({
        client: 'pg',
        connection: config(),
        pool: { min: 0, max: 4 },
        log,
        ...more,
      });
      opened.push(plain);
      const db = wrapKnex(plain, { clock: hastyClock(), ...options });
      return { plain, db, pool: plain.client.pool as Pool };
    },
    async ask<T>(sql: string, values: readonly unknown[] = []) {
      return (await stage.cluster.primary.query(sql, values)).rows as T[];
    },
    async items(...ids) {
      const sql = 'SELECT id FROM items WHERE id = ANY($1) ORDER BY id';
      const { rows } = await stage.cluster.primary.query<{ id: number }>(sql, [ids]);
      return rows.map(({ id }) => id);
    },
  };
}

/** Resolves once so many backends wait for a lock. */
export function waitForLocks(world: World, count: number): Promise<void> {
  return until(async () => {
    const [row] = await world.ask<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    return (row?.n ?? 0) >= count;
  });
}

/** Resolves once `condition` holds; looks once per turn of the event loop. */
export async function turnsUntil(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('the condition never held');
}

/** What was on its way through a pool is over: no slot is used, nobody waits. */
export function poolIsFree(pool: Pool): Promise<void> {
  return turnsUntil(() => pool.numUsed() === 0 && pool.numPendingAcquires() === 0);
}

/** A lock on a row or table of `items`, held on a connection of its own until it is released. */
export async function heldLock(world: World, sql: string): Promise<() => Promise<void>> {
  const holder = knex({ client: 'pg', connection: { ...world.cluster.primary.config } });
  const trx = await holder.transaction();
  await trx.raw(sql);
  return async () => {
    await trx.rollback();
    await holder.destroy();
  };
}
