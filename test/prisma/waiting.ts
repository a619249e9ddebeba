/** Waits on conditions, gates and locks, and what came of a promise. */
import type { Cluster } from '@carom/testing';
import pg from 'pg';

/** What became of a promise, for tests that look at both. */
export async function settled<T>(
  promise: PromiseLike<T>,
): Promise<{ readonly value?: T; readonly error?: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** The error of a promise that must fail. */
export async function failure(promise: PromiseLike<unknown>): Promise<Error & { code?: string }> {
  const { error, value } = await settled(promise);
  if (error === undefined) throw new Error(`it did not fail; it gave ${JSON.stringify(value)}`);
  return error as Error & { code?: string };
}

/** Resolves once `condition` holds; each look is a round trip to a server. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the condition never held');
  }
}

/** A promise, and what resolves it. */
export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** Locks the table of marks against everybody, in a session of its own beside the proxy. */
export async function lockMarks({ primary }: Cluster): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ ...primary.config, application_name: 'locksmith' });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE marks IN ACCESS EXCLUSIVE MODE');
  return {
    async release() {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
}

/** Resolves once a client waits for a lock on the server. */
export function waitingForLock({ primary }: Cluster): Promise<void> {
  const sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  return until(async () => ((await primary.query(sql)).rowCount ?? 0) > 0);
}
