/** The world of the contract: one real server behind one fault proxy, and the clocks of its tests. */
import { commitTokensSql, type ExecutionOptions, outcomeOf } from '@carom/postgres';
import { ledger, type Server, type Target } from '@carom/testing';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { hastyClock } from '../hasty-clock.js';
import { createStage, type Stage } from '../stage.js';
import { releaseLocks } from './locks.js';
import type { Adapter, PoolSettings, Subject } from './subject.js';

/** What the tests of one adapter share. */
export interface World extends Stage {
  /** Whether a pooler stands between the proxy and the server. */
  readonly pooled: boolean;
  /** A client through the proxy; closed after the test. Its delays do not wait unless a clock is given. */
  open(options?: ExecutionOptions, pool?: PoolSettings): Subject;
  /** Rows with that mark, asked of the server itself. */
  rows(mark: string): Promise<number>;
  /** All marks in the table, one per row. */
  marks(): Promise<string[]>;
  counter(id: number): Promise<number>;
  /** A name that no other test has. */
  mark(): string;
}

const schema = new URL('../../prisma/schema.sql', import.meta.url);

/**
 * Starts the world before the tests of a file and ends it after them.
 * @param through starts what stands between the proxy and the server.
 */
export function createWorld(
  adapter: Adapter,
  through?: (server: Server) => Promise<Target>,
): World {
  const stage = createStage({
    schema: [schema, commitTokensSql, 'INSERT INTO counters (id) SELECT generate_series(1, 10)'],
    // A deadlock is looked for after this time; the default of one second is a test's whole time.
    settings: { deadlock_timeout: '20ms' },
    through,
  });
  let opened: Subject[] = [];
  let marks = 0;
  beforeEach(async () => {
    await stage.cluster.primary.query('UPDATE counters SET value = 0');
  });
  afterEach(async () => {
    // A connection that fell silent would keep its client from closing.
    stage.proxy.cutAll('rst');
    await releaseLocks();
    await Promise.all(opened.map((subject) => subject.close()));
    opened = [];
  });
  return {
    get cluster() {
      return stage.cluster;
    },
    get proxy() {
      return stage.proxy;
    },
    pooled: through !== undefined,
    open(options, pool) {
      const { host, port } = stage.proxy;
      const limit = pool?.queryTimeout === undefined ? {} : { query_timeout: pool.queryTimeout };
      const config = { ...stage.cluster.primary.config, host, port, ...limit };
      const subject = adapter.open(config, { clock: hastyClock(), ...options }, pool);
      opened.push(subject);
      return subject;
    },
    async rows(mark) {
      const sql = 'SELECT count(*)::int AS n FROM marks WHERE mark = $1';
      return (await stage.cluster.primary.query<{ n: number }>(sql, [mark])).rows[0]?.n ?? -1;
    },
    async marks() {
      const { rows } = await stage.cluster.primary.query<{ mark: string }>(
        'SELECT mark FROM marks',
      );
      return rows.map(({ mark }) => mark);
    },
    async counter(id) {
      const sql = 'SELECT value FROM counters WHERE id = $1';
      return (await stage.cluster.primary.query<{ value: number }>(sql, [id])).rows[0]?.value ?? -1;
    },
    mark: () => `${adapter.name}-${expect.getState().currentTestName?.length}-${++marks}`,
  };
}

/** What became of a promise, for tests that look at both. */
export type Settled<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: unknown };

export async function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** The error of a promise that must fail. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const { error, value } = await settled(promise);
  if (error === undefined) throw new Error(`it did not fail; it gave ${JSON.stringify(value)}`);
  return error as Error & { code?: string };
}

/** Asserts that one write, as it was reported, is what the database holds: the oracle judges. */
export async function audited(world: World, mark: string, result: Settled<unknown>): Promise<void> {
  const book = ledger();
  book.attempt(mark);
  if (result.error === undefined) book.acknowledged(mark);
  else book.failed(mark, result.error);
  const rows = (await world.marks()).filter((it) => it === mark);
  const report = book.audit(rows);
  if (!report.ok) throw new Error(`${report}\noutcome: ${outcomeOf(result.error)}`);
}

/** Resolves once `condition` holds; each look is a round trip, so that there is nothing to sleep for. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 5_000; look++) if (await condition()) return;
  throw new Error('the condition never held');
}

/** Resolves once `count` of the clients wait for a lock on the server. */
export function waitingForLock(world: World, count: number): Promise<void> {
  const sql =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND backend_type = 'client backend'";
  return until(async () => {
    const { rows } = await world.cluster.primary.query<{ n: number }>(sql);
    return (rows[0]?.n ?? 0) >= count;
  });
}

/** A gate that opens when so many have come to it. */
export function barrier(count: number): () => Promise<void> {
  let open: () => void = () => {};
  let arrived = 0;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    arrived += 1;
    if (arrived >= count) open();
    return opened;
  };
}

/** Something that one part of a test waits for and another brings about. */
export function event(): { readonly happened: Promise<void>; readonly happens: () => void } {
  let happens: () => void = () => {};
  const happened = new Promise<void>((resolve) => {
    happens = resolve;
  });
  return { happened, happens };
}
