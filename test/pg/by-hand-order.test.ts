/** What is sent by hand without waiting keeps the order that plain `pg` gives it, and a client that was put back is the next one's alone. */
import { wrapPool } from '@carom/pg';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { settled } from '../contract/world.js';
import { createStage } from '../stage.js';

const stage = createStage({
  schema: [
    `CREATE TABLE marks (mark text);
  CREATE FUNCTION put(text) RETURNS text LANGUAGE sql AS 'INSERT INTO marks VALUES ($1) RETURNING mark'`,
  ],
});
/** The plain pool, and one that is wrapped: whatever is asked of the one is the measure for the other. */
const kinds = ['plain', 'wrapped'] as const;
let opened: pg.Pool[];

beforeEach(async () => {
  opened = [];
  await stage.cluster.primary.query('TRUNCATE marks');
});
afterEach(async () => {
  for (const pool of opened) await pool.end();
});

function open(kind: (typeof kinds)[number], more: pg.PoolConfig = {}): pg.Pool {
  const { host, port } = stage.proxy;
  const bare = new pg.Pool({ ...stage.cluster.primary.config, host, port, max: 1, ...more });
  const pool = kind === 'plain' ? bare : wrapPool(bare);
  opened.push(pool);
  return pool;
}

async function marks(): Promise<readonly string[]> {
  const { rows } = await stage.cluster.primary.query<{ mark: string }>(
    'SELECT mark FROM marks ORDER BY 1',
  );
  return rows.map(({ mark }) => mark);
}

const simple = (mark: string): string => `INSERT INTO marks VALUES ('${mark}') RETURNING mark`;
const bound = (mark: string): pg.QueryConfig => ({
  text: 'INSERT INTO marks VALUES ($1) RETURNING mark',
  values: [mark],
});
const forms = { simple, bound };
const writes = Object.keys(forms) as (keyof typeof forms)[];

const answerTo = async (work: Promise<pg.QueryResult>): Promise<unknown> => {
  const { value, error } = await settled(work);
  return value === undefined ? (error as Error).message : [value.command, value.rows];
};

test.each(kinds)('%s: COMMIT and release, and then somebody else`s transaction', async (kind) => {
  const pool = open(kind);
  const first = await pool.connect();
  await first.query('BEGIN');
  // Nobody knows beforehand whether it has an id.
  await first.query("SELECT put('first')");
  const commit = answerTo(first.query('COMMIT'));
  first.release();
  const second = await pool.connect();
  await second.query('BEGIN');
  await second.query(simple('second'));
  expect(await commit).toEqual(['COMMIT', []]);
  expect(await marks()).toEqual(['first']);
  await second.query('ROLLBACK');
  second.release();
  expect(await marks()).toEqual(['first']);
});

const cases = kinds.flatMap((kind) =>
  writes.flatMap((first) => writes.map((then) => [kind, first, then] as const)),
);

test.each(cases)('%s: a write (%s), ROLLBACK and a write (%s)', async (kind, first, then) => {
  const client = await open(kind).connect();
  await client.query('BEGIN');
  const all = [forms[first]('undone'), 'ROLLBACK', forms[then]('done'), "SELECT 'mine' AS whose"];
  const answers = await Promise.all(all.map((one) => answerTo(client.query(one))));
  client.release();
  expect(answers).toEqual([
    ['INSERT', [{ mark: 'undone' }]],
    ['ROLLBACK', []],
    ['INSERT', [{ mark: 'done' }]],
    ['SELECT', [{ whose: 'mine' }]],
  ]);
  expect(await marks()).toEqual(['done']);
});

test.each(cases)(
  '%s: a write (%s) and ROLLBACK, release, and somebody else`s write (%s)',
  async (kind, first, then) => {
    const pool = open(kind);
    const client = await pool.connect();
    await client.query('BEGIN');
    const mine = [forms[first]('undone'), 'ROLLBACK'].map((it) => answerTo(client.query(it)));
    client.release();
    const others = [forms[then]('done'), "SELECT 'other' AS whose"].map((it) =>
      answerTo(pool.query(it)),
    );
    expect(await Promise.all([...mine, ...others])).toEqual([
      ['INSERT', [{ mark: 'undone' }]],
      ['ROLLBACK', []],
      ['INSERT', [{ mark: 'done' }]],
      ['SELECT', [{ whose: 'other' }]],
    ]);
    expect(await marks()).toEqual(['done']);
  },
);

test.each(cases)(
  '%s: two transactions at once, a write (%s) and another (%s)',
  async (kind, first, then) => {
    const client = await open(kind).connect();
    const all = ['BEGIN', forms[first]('undone'), 'ROLLBACK', 'BEGIN', forms[then]('done')];
    const answers = await Promise.all(
      [...all, 'COMMIT', "SELECT 'mine' AS whose"].map((one) => answerTo(client.query(one))),
    );
    client.release();
    expect(answers.map((it) => (Array.isArray(it) ? it[0] : it))).toEqual([
      'BEGIN',
      'INSERT',
      'ROLLBACK',
      'BEGIN',
      'INSERT',
      'COMMIT',
      'SELECT',
    ]);
    expect(await marks()).toEqual(['done']);
  },
);

test.each(kinds)('%s: a client is put back once, and a second time is a mistake', async (kind) => {
  const pool = open(kind);
  const client = await pool.connect();
  await client.query('BEGIN');
  const work = [answerTo(client.query(simple('one'))), answerTo(client.query('COMMIT'))];
  client.release();
  expect(() => client.release()).toThrow('already been released');
  await Promise.all(work);
  expect(() => client.release()).toThrow('already been released');
  expect(await marks()).toEqual(['one']);
});

test('where nothing has to be asked COMMIT goes in the same turn', async () => {
  const pool = open('wrapped');
  const sent: unknown[] = [];
  pool.on('connect', (raw) => {
    const query = raw.query as (...args: unknown[]) => unknown;
    raw.query = ((...args: unknown[]) => {
      sent.push(args[0]);
      return query.apply(raw, args);
    }) as typeof raw.query;
  });
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(bound('one'));
  await client.query('SELECT 1');
  const commit = client.query('COMMIT');
  expect(sent.at(-1)).toBe('COMMIT');
  await commit;
  client.release();
  expect(await marks()).toEqual(['one']);
});

test('a COMMIT that was never sent, since Carom`s own question failed, leaves no transaction behind', async () => {
  const question = 'EXECUTE ON FUNCTION pg_catalog.pg_current_xact_id_if_assigned()';
  await stage.cluster.primary.query(`REVOKE ${question} FROM PUBLIC;
    CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT ALL ON marks TO clerk`);
  try {
    const pool = open('wrapped', { user: 'clerk', password: 'clerk' });
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query("SELECT put('one')");
    const { error } = await settled(client.query('COMMIT'));
    client.release();
    const next = await answerTo(pool.query("SELECT 'other' AS whose"));
    expect([(error as { code?: unknown }).code, next]).toEqual([
      '42501',
      ['SELECT', [{ whose: 'other' }]],
    ]);
  } finally {
    await stage.cluster.primary.query(`GRANT ${question} TO PUBLIC`);
  }
});

test('where the fence has no table, nothing that was sent behind BEGIN is done', async () => {
  const { host, port } = stage.proxy;
  const bare = new pg.Pool({ ...stage.cluster.primary.config, host, port, max: 1 });
  const pool = wrapPool(bare, { commit: 'fence' });
  opened.push(pool);
  const client = await pool.connect();
  const sent = ['BEGIN', simple('one'), bound('two'), 'ROLLBACK'].map((it) =>
    settled(client.query(it)),
  );
  const byCallback = new Promise((resolve) => client.query(simple('three'), resolve));
  client.release();
  const codes = [...(await Promise.all(sent)), { error: await byCallback }].map(
    ({ error }) => (error as { code?: unknown } | undefined)?.code,
  );
  expect(new Set(codes)).toEqual(new Set(['CAROM_FENCE_MISSING']));
  expect(await marks()).toEqual([]);
  // Whoever is next is not the one that was refused.
  expect(await answerTo(pool.query("SELECT 'other' AS whose"))).toEqual([
    'SELECT',
    [{ whose: 'other' }],
  ]);
});

test('a caller may put a release of his own in the place of the client`s, and call that from there', async () => {
  const pool = open('wrapped');
  const client = await pool.connect();
  let released = 0;
  const { release } = client;
  client.release = (destroy) => {
    released += 1;
    client.release = release;
    return release.call(client, destroy);
  };
  await client.query('BEGIN');
  const work = [answerTo(client.query(simple('one'))), answerTo(client.query('COMMIT'))];
  client.release();
  await Promise.all(work);
  expect(await answerTo(pool.query("SELECT 'other' AS whose"))).toEqual([
    'SELECT',
    [{ whose: 'other' }],
  ]);
  expect([released, pool.idleCount, await marks()]).toEqual([1, 1, ['one']]);
});

test.each(kinds.flatMap((kind) => writes.map((form) => [kind, form] as const)))(
  '%s: BEGIN, a write (%s) and release: the next one has what is open, and its own answers',
  async (kind, form) => {
    const pool = open(kind);
    const first = await pool.connect();
    const mine = ['BEGIN', forms[form]('one')].map((it) => answerTo(first.query(it)));
    first.release();
    const second = await pool.connect();
    const others = ['COMMIT', "SELECT 'other' AS whose", bound('two')].map((it) =>
      answerTo(second.query(it)),
    );
    expect(await Promise.all([...mine, ...others])).toEqual([
      ['BEGIN', []],
      ['INSERT', [{ mark: 'one' }]],
      ['COMMIT', []],
      ['SELECT', [{ whose: 'other' }]],
      ['INSERT', [{ mark: 'two' }]],
    ]);
    second.release();
    expect(await marks()).toEqual(['one', 'two']);
  },
);
