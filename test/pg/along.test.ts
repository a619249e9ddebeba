/** The question for a transaction's id goes along with its first write: nothing of it is seen in the write's own answer. */
import { type CaromPool, wrapPool } from '@carom/pg';
import { outcomeOf } from '@carom/postgres';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg, { type PoolClient } from 'pg';
import { settled } from '../contract/world.js';
import { createStage } from '../stage.js';

const stage = createStage({
  schema: [
    `CREATE TABLE marks (mark text PRIMARY KEY);
  CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT ALL ON marks TO clerk`,
  ],
});
let pool: CaromPool;

beforeEach(async () => {
  await stage.cluster.primary.query('TRUNCATE marks');
  const { host, port } = stage.proxy;
  const account = { user: 'clerk', password: 'clerk' };
  pool = wrapPool(new pg.Pool({ ...stage.cluster.primary.config, host, port, ...account, max: 1 }));
});
afterEach(async () => await pool.end());

const question = 'pg_current_xact_id_if_assigned';
const insert = (...values: unknown[]) => ({
  text: 'INSERT INTO marks VALUES ($1) RETURNING mark',
  values,
});

async function marks(): Promise<readonly string[]> {
  const { rows } = await stage.cluster.primary.query<{ mark: string }>('SELECT mark FROM marks');
  return rows.map(({ mark }) => mark);
}

/** How often the server says so during `work`. */
async function said(
  client: PoolClient,
  what: 'readyForQuery' | 'errorMessage',
  work: () => Promise<unknown>,
): Promise<number> {
  let count = 0;
  const heard = (): void => {
    count += 1;
  };
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on(what, heard);
  await settled(work());
  connection.off(what, heard);
  return count;
}

test('a write has one answer, and the ticket is in it', async () => {
  let answers = 0;
  const fault = stage.proxy.inject({ kind: 'cut', when: 'after-server', at: 'COMMIT' });
  const result = await pool.transaction(async (client) => {
    let own: unknown;
    answers = await said(client, 'readyForQuery', async () => {
      own = await client.query(insert('one'));
      // All that was said before is heard before its answer.
      await client.query('SELECT 1');
    });
    return own;
  });
  await fault.settled;
  expect(answers).toBe(2);
  expect(result).toMatchObject({ command: 'INSERT', rowCount: 1, rows: [{ mark: 'one' }] });
  expect(await marks()).toEqual(['one']);
});

test.each([
  [
    'by callback',
    (client: PoolClient) =>
      new Promise((resolve, reject) => {
        client.query(insert().text, ['one'], (error, result) =>
          error ? reject(error) : resolve(result),
        );
      }),
  ],
  ['as arrays', (client: PoolClient) => client.query({ ...insert('one'), rowMode: 'array' })],
  [
    'in binary',
    (client: PoolClient) =>
      client.query({ ...insert('one'), binary: true } as object as pg.QueryConfig),
  ],
  ['named', (client: PoolClient) => client.query({ ...insert('one'), name: 'mark' })],
  [
    'in pages',
    (client: PoolClient) => client.query({ ...insert('one'), rows: 1 } as pg.QueryConfig),
  ],
  [
    'without parameters',
    (client: PoolClient) => client.query("INSERT INTO marks VALUES ('one') RETURNING mark"),
  ],
])('a write %s: its lost COMMIT is settled', async (_, write) => {
  // Twice on one connection: the second time the statement is known there.
  for (let time = 0; time < 2; time++) {
    await stage.cluster.primary.query('TRUNCATE marks');
    if (time === 1) stage.proxy.inject({ kind: 'cut', when: 'after-server', at: 'COMMIT' });
    const result = await pool.transaction(async (client) => await write(client));
    expect(result).toMatchObject({ command: 'INSERT' });
    expect((result as pg.QueryResult).rows).toHaveLength(1);
    expect(await marks()).toEqual(['one']);
  }
});

test('a write that fails takes it along: the server says one error', async () => {
  await stage.cluster.primary.query("INSERT INTO marks VALUES ('one')");
  let errors = 0;
  const { error } = await settled(
    pool.transaction(async (client) => {
      let own: unknown;
      errors = await said(client, 'errorMessage', async () => {
        own = (await settled(client.query(insert('one')))).error;
      });
      throw own;
    }),
  );
  expect([errors, (error as { code?: unknown }).code]).toEqual([1, '23505']);
});

test('parameters that cannot be bound are the caller`s error, and the connection goes on', async () => {
  const wrong = {
    toPostgres: () => {
      throw new TypeError('not for a database');
    },
  };
  const { error } = await settled(pool.transaction((client) => client.query(insert(wrong))));
  expect(error).toBeInstanceOf(TypeError);
  await pool.transaction((client) => client.query(insert('one')));
  expect(await marks()).toEqual(['one']);
});

test('a statement of nothing has no rows', async () => {
  await pool.transaction(async (client) => {
    expect((await client.query({ name: 'nothing', text: '' })).rows).toEqual([]);
    expect((await client.query(insert('one'))).rows).toEqual([{ mark: 'one' }]);
  });
  expect(await marks()).toEqual(['one']);
});

test('where the server refuses it, the write has its answer and the transaction its refusal', async () => {
  const ofFunction = `EXECUTE ON FUNCTION pg_catalog.${question}()`;
  await stage.cluster.primary.query(`REVOKE ${ofFunction} FROM PUBLIC`);
  try {
    let own: unknown;
    const { error } = await settled(
      pool.transaction(async (client) => {
        own = (await client.query(insert('one'))).rows;
      }),
    );
    expect(own).toEqual([{ mark: 'one' }]);
    expect(error).toMatchObject({ code: '42501', message: expect.stringContaining(question) });
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await marks()).toEqual([]);
  } finally {
    await stage.cluster.primary.query(`GRANT ${ofFunction} TO PUBLIC`);
  }
});

test.each(['before', 'after-server', 'after-answer'] as const)(
  'a connection cut %s it: the transaction is played again, once',
  async (when) => {
    let calls = 0;
    const fault = stage.proxy.inject({ kind: 'cut', when, at: { matches: question } });
    await pool.transaction(async (client) => {
      calls += 1;
      await client.query(insert('one'));
    });
    await fault.settled;
    expect([calls, await marks()]).toEqual([2, ['one']]);
  },
);

test.each([
  'COPY marks FROM STDIN',
  '/* load */ copy marks (mark)\nfrom stdin',
  "SELECT 1; COPY marks FROM STDIN (FORMAT 'csv')",
  'COPY marks FROM STDOUT',
  'COPY marks TO STDOUT',
])('%s as a text ends as on a plain client, and the transaction goes on', async (sql) => {
  const bare = new pg.Client({ ...stage.cluster.primary.config });
  await bare.connect();
  const plain = await settled(bare.query(sql));
  await bare.end();
  const { connections } = stage.proxy.seen;
  let calls = 0;
  await pool.transaction(async (client) => {
    calls += 1;
    await client.query('SAVEPOINT here');
    const { error } = await settled(client.query(sql));
    expect((error as Error | undefined)?.message).toBe((plain.error as Error | undefined)?.message);
    await client.query('ROLLBACK TO SAVEPOINT here');
    await client.query(insert('one'));
  });
  expect([calls, stage.proxy.seen.connections - connections]).toEqual([1, 1]);
  expect(await marks()).toEqual(['one']);
});
