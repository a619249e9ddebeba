/** A token that the server refuses aborts the transaction: what the caller hears then is judged by why the token was refused. */
import { wrapPool } from '@carom/pg';
import { commitTokensSql, outcomeOf } from '@carom/postgres';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg, { type PoolClient } from 'pg';
import { settled } from '../contract/world.js';
import { createStage } from '../stage.js';

const stage = createStage({
  schema: [
    commitTokensSql,
    `CREATE TABLE marks (mark text); CREATE SEQUENCE refusals;
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('refusals') = 1 THEN RAISE EXCEPTION 'refused' USING ERRCODE = TG_ARGV[0]; END IF;
    RETURN NEW; END $$`,
  ],
});
const { query } = {
  query: (sql: string) => stage.cluster.primary.query<{ mark: string }>(sql),
};

/** The first token is refused with this code. */
const refusing = (code: string): Promise<unknown> =>
  query(`CREATE TRIGGER refuse BEFORE INSERT ON carom.commit_tokens
    FOR EACH ROW EXECUTE FUNCTION refuse('${code}')`);

let pool: ReturnType<typeof wrapPool>;
beforeEach(() => {
  const { host, port } = stage.proxy;
  pool = wrapPool(new pg.Pool({ ...stage.cluster.primary.config, host, port, max: 1 }), {
    commit: 'fence',
  });
});
afterEach(async () => {
  await pool.end();
  await query(`DROP TRIGGER refuse ON carom.commit_tokens; TRUNCATE marks;
    SELECT setval('refusals', 1, false)`);
});

const simple = (mark: string): string => `INSERT INTO marks VALUES ('${mark}')`;
const bound = (mark: string): pg.QueryConfig => ({
  text: 'INSERT INTO marks VALUES ($1)',
  values: [mark],
});
const forms = { simple, bound };

async function twoWrites(form: keyof typeof forms, client: PoolClient): Promise<void> {
  await client.query(forms[form]('one'));
  await client.query(forms[form]('two'));
}

test.each(['simple', 'bound'] as const)(
  'because of contention: played again, although another write came first (%s)',
  async (form) => {
    await refusing('40001');
    let calls = 0;
    const { error } = await settled(
      pool.transaction(async (client) => {
        calls += 1;
        await twoWrites(form, client);
      }),
    );
    expect([error, calls]).toEqual([undefined, 2]);
    const { rows } = await query('SELECT mark FROM marks ORDER BY 1');
    expect(rows).toEqual([{ mark: 'one' }, { mark: 'two' }]);
  },
);

test.each(['simple', 'bound'] as const)('for good: not played again (%s)', async (form) => {
  await refusing('23514');
  let calls = 0;
  const { error } = await settled(
    pool.transaction(async (client) => {
      calls += 1;
      await twoWrites(form, client);
    }),
  );
  expect([calls, outcomeOf(error), (error as { code?: unknown }).code]).toEqual([
    1,
    'rolled-back',
    '25P02',
  ]);
});
