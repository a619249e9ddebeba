import type { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrapKnex } from '@carom/knex';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { hastyClock } from '../hasty-clock.js';
import { createWorld, failure, poolIsFree, turnsUntil } from './world.js';

const world = createWorld();
const select = { matches: /^select/i };
const insert = { matches: /^insert/i };

describe('what Knex can do, the wrapped one can', () => {
  test('queries of all kinds', async () => {
    const { db, pool } = world.open();
    expect((await db.raw('SELECT ?::int AS a', [1])).rows).toEqual([{ a: 1 }]);
    expect(await db.raw('SELECT :a::int AS ??', { a: 1 }).catch(() => 'no')).toBe('no');
    expect(await db.withSchema('public').from('items').first('id')).toHaveProperty('id');
    expect(await db.with('w', db('items').where('id', 2)).from('w').select('id')).toEqual([
      { id: 2 },
    ]);
    expect(await db.select(db.ref('items.id').as('n')).from('items').where({ id: 3 })).toEqual([
      { n: 3 },
    ]);
    expect(await db('items').count({ c: '*' })).toEqual([{ c: '2000' }]);
    expect(await db('items').where({ id: 4 }).update({ v: 9 }, ['v'])).toEqual([{ v: 9 }]);
    expect(await db('items').where('id', '>', 1_990).del()).toBe(10);
    expect(await db('items').max('id as top').first()).toEqual({ top: 1_990 });
    expect(await db('items').columnInfo('v')).toMatchObject({ type: 'integer' });
    expect(await db.queryBuilder().from('items').where({ id: 5 }).pluck('id')).toEqual([5]);
    expect(await db.select(db.fn.now()).first()).toHaveProperty('current_timestamp');
    expect(db.raw('SELECT 1').toString()).toBe('SELECT 1');
    expect(db('items').where({ id: 1 }).toSQL().toNative()).toEqual({
      sql: 'select * from "items" where "id" = $1',
      bindings: [1],
    });
    await poolIsFree(pool);
  });

  test('a builder awaited twice runs twice; a clone of it too', async () => {
    const { db } = world.open();
    const builder = db('items').where({ id: 1 });
    expect([await builder, await builder, await builder.clone()]).toHaveLength(3);
    const more = db('items').insert({ id: 9_000 });
    await more;
    expect(await failure(more.then())).toMatchObject({ code: '23505' });
  });

  test('asCallback, catch, finally, timeout', async () => {
    const { db } = world.open();
    const row = await new Promise((resolve) => {
      void db('items')
        .where({ id: 1 })
        .first()
        .asCallback((_error: unknown, it: unknown) => resolve(it));
    });
    expect(row).toEqual({ id: 1, v: 0 });
    expect(await db('nowhere').catch((error) => error.code)).toBe('42P01');
    let over = false;
    await db('items')
      .first()
      .finally(() => {
        over = true;
      });
    expect(over).toBe(true);
  });

  test('calling it without a table warns, as ever', async () => {
    const { db } = world.open();
    expect(
      await (db as unknown as () => Knex.QueryBuilder)().from('items').where({ id: 1 }).pluck('id'),
    ).toEqual([1]);
    expect(world.warnings.join()).toMatch(/calling knex without a tableName is deprecated/);
  });

  test('schema builders', async () => {
    const { db } = world.open();
    await db.schema.dropTableIfExists('s1');
    await db.schema.createTable('s1', (t) => {
      t.increments();
      t.integer('a').index();
    });
    expect(await db.schema.hasColumn('s1', 'a')).toBe(true);
    await db.schema.withSchema('public').alterTable('s1', (t) => t.text('b'));
    expect(await db.schema.hasColumn('s1', 'b')).toBe(true);
    await db.schema.dropTable('s1');
  });

  test('withUserParams, and what is made from it, is wrapped the same way', async () => {
    let bounces = 0;
    const { db } = world.open({ onRetry: () => void bounces++ });
    await db('items').first();
    const tenant = db.withUserParams({ tenant: 5 });
    expect([tenant.userParams, db.userParams]).toEqual([{ tenant: 5 }, {}]);
    world.proxy.inject({ kind: 'cut', when: 'before', at: select });
    expect(await tenant('items').where({ id: 1 }).pluck('id')).toEqual([1]);
    expect(bounces).toBe(1);
    expect(() => wrapKnex(tenant)).toThrow(/wrapped already/);
  });

  test('a builder on a connection of the caller is left alone', async () => {
    const { db, pool } = world.open();
    const connection = await db.client.acquireConnection();
    expect(await db('items').connection(connection).where({ id: 1 }).pluck('id')).toEqual([1]);
    world.proxy.inject({ kind: 'cut', when: 'before', at: select });
    await failure(db('items').connection(connection).first().then());
    expect(pool.numUsed()).toBe(1);
    await db.client.releaseConnection(connection);
    await poolIsFree(pool);
  });

  test('options per call add up, and nothing of them stays', async () => {
    const { db } = world.open();
    await db('items').first();
    const told: unknown[] = [];
    const once = db.carom({ retries: 0 }).carom({ onRetry: (event) => told.push(event) });
    world.proxy.inject({ kind: 'cut', when: 'before', at: select });
    await failure(once('items').first().then());
    expect(told).toEqual([]);
    world.proxy.inject({ kind: 'cut', when: 'before', at: select });
    await db('items').first();
    expect(() => db.carom({ retries: -1 })).toThrow(/`retries` is -1; allowed/);
  });

  test('the Knex itself stays as it was', async () => {
    const { plain, db } = world.open();
    await plain('items').first();
    world.proxy.inject({ kind: 'cut', when: 'before', at: select });
    await failure(plain('items').first().then());
    world.proxy.inject({ kind: 'cut', when: 'before', at: select });
    await db('items').first();
    expect('carom' in plain).toBe(false);
    expect([
      'carom' in db,
      typeof db,
      db.name,
      db.client.constructor.name,
      db.isTransaction,
    ]).toEqual([true, 'function', 'knex', 'Client_PG', undefined]);
  });

  test('destroy ends both, and what comes later says so, once', async () => {
    const { plain, db } = world.open();
    await db('items').first();
    await db.destroy();
    expect(plain.client.pool).toBeUndefined();
    let bounces = 0;
    const late = db.carom({ onRetry: () => void bounces++ });
    expect((await failure(late('items').first().then())).message).toBe(
      'Unable to acquire a connection',
    );
    expect(bounces).toBe(0);
    db.initialize();
    expect(await db('items').where({ id: 1 }).pluck('id')).toEqual([1]);
  });
});

describe('events', () => {
  test('come once each, on both Knexes and on the builder', async () => {
    const { plain, db } = world.open();
    await db('items').first();
    const seen: string[] = [];
    for (const [name, emitter] of Object.entries({ plain, db })) {
      for (const event of ['start', 'query', 'query-response', 'query-error']) {
        emitter.on(event, () => seen.push(`${name} ${event}`));
      }
    }
    const builder = db('items').where({ id: 1 });
    for (const event of ['start', 'query', 'query-response', 'end', 'error']) {
      builder.on(event, () => seen.push(`builder ${event}`));
    }
    await builder;
    expect(seen.sort()).toEqual(
      [
        'builder end',
        'builder query',
        'builder query-response',
        'builder start',
        ...['plain', 'db'].flatMap((it) => [`${it} query`, `${it} query-response`, `${it} start`]),
      ].sort(),
    );
    seen.length = 0;
    await plain('items').first();
    expect(seen.filter((it) => it.endsWith(' query'))).toEqual(['plain query', 'db query']);
  });

  test('a bounce shows as one more query, and not as one more start', async () => {
    const { db } = world.open();
    await db('items').first();
    const seen: string[] = [];
    const builder = db('items').where({ id: 1 });
    builder.on('start', (it: Knex.QueryBuilder) => void it.select('id'));
    for (const event of ['start', 'query', 'query-error', 'end', 'error']) {
      builder.on(event, () => seen.push(event));
    }
    world.proxy.inject({ kind: 'cut', when: 'before', at: select });
    expect(await builder).toEqual([{ id: 1 }]);
    expect(seen).toEqual(['start', 'query', 'query-error', 'query', 'end']);
  });

  test('of a transaction reach Knex as well, once', async () => {
    const { plain, db } = world.open();
    const seen: string[] = [];
    for (const emitter of [plain, db]) emitter.on('query', ({ sql }) => seen.push(sql));
    await db.transaction((trx) => trx('items').where({ id: 1 }).first());
    expect(seen.filter((sql) => /BEGIN|COMMIT/.test(sql))).toEqual([
      'BEGIN;',
      'BEGIN;',
      'COMMIT;',
      'COMMIT;',
    ]);
    expect(seen).toHaveLength(6);
  });
});

describe('migrations and seeds', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carom-knex-'));
    await writeFile(
      join(folder, '001.cjs'),
      `exports.up = (k) => k.schema.createTable('m1', (t) => { t.increments(); t.string('x').index(); });
       exports.down = (k) => k.schema.dropTable('m1');`,
    );
    await writeFile(
      join(folder, '002.cjs'),
      `exports.up = (k) => k('m1').insert({ x: 'migrated' }); exports.down = (k) => k('m1').del();`,
    );
    await writeFile(
      join(folder, 'seed.cjs'),
      `exports.seed = (k) => k('m1').insert({ x: 'seeded' });`,
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('run, also through a lost connection, and are rolled back', async () => {
    const { db, pool } = world.open();
    const migrations = { directory: folder, loadExtensions: ['.cjs'], tableName: 'migrated' };
    const source = {
      getMigrations: async () => ['001.cjs', '002.cjs'],
      getMigrationName: (name: string) => name,
      getMigration: (name: string) => import(join(folder, name)).then((it) => it.default ?? it),
    };
    const config = { tableName: migrations.tableName, migrationSource: source };
    await db.migrate.currentVersion(config);
    world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: /insert into "m1"/ } });
    const [, names] = await db.migrate.latest(config);
    expect(names).toEqual(['001.cjs', '002.cjs']);
    const seeds = { directory: folder, loadExtensions: ['.cjs'], specific: 'seed.cjs' };
    expect((await db.seed.run(seeds))[0]).toHaveLength(1);
    expect(await db('m1').pluck('x').orderBy('id')).toEqual(['migrated', 'seeded']);
    expect((await db.migrate.rollback(config))[1]).toEqual(['002.cjs', '001.cjs']);
    expect(await db.schema.hasTable('m1')).toBe(false);
    await poolIsFree(pool);
  });
});

test('wrapped for each request, and dropped: its pool has no more listeners than wrapped once', async () => {
  const clock = hastyClock();
  const { db, pool, plain } = world.open({ clock });
  await db('items').first();
  const { emitter } = pool as unknown as { readonly emitter: EventEmitter };
  const count = (): number => emitter.listenerCount('release');
  const before = count();
  for (let nth = 0; nth < 20; nth++) await wrapKnex(plain, { clock })('items').first();
  expect(count()).toBe(before);
});

describe('a pool that Knex was given', () => {
  test('an idle client that is killed does not end the process, and nothing dead is lent', async () => {
    const pool = new pg.Pool({ ...world.config(), max: 2 } as pg.PoolConfig);
    const plain = knex({ client: 'pg', connectionPool: pool } as Knex.Config);
    const db = wrapKnex(plain, { clock: hastyClock() });
    await db('items').first();
    await world.cluster.primary.killBackends();
    await turnsUntil(() => pool.idleCount === 0);
    expect(await db('items').where({ id: 1 }).pluck('id')).toEqual([1]);
    let calls = 0;
    await db.transaction(async (trx) => {
      calls += 1;
      if (calls === 1) await world.cluster.primary.killBackends();
      await trx('items').insert({ id: 9_100 });
    });
    expect(calls).toBe(2);
    world.proxy.inject({ kind: 'cut', when: 'after-answer', at: insert });
    await failure(db('items').insert({ id: 9_101 }).then());
    await turnsUntil(() => pool.totalCount === pool.idleCount);
    await db.destroy();
    await pool.end();
  });
});

test('one answer of a read-only server, and no connection that was open then is lent again', async () => {
  const codes: unknown[] = [];
  const { db, pool } = world.open({ onRetry: ({ verdict }) => void codes.push(verdict.code) });
  const pids = (): number[] =>
    db.client.pool.free.map(
      ({ resource }: { resource: pg.Client & { processID: number } }) => resource.processID,
    );
  const { client } = db;
  const taken = await Promise.all([1, 2, 3].map(() => client.acquireConnection()));
  for (const connection of taken) await client.releaseConnection(connection);
  const before = pids();
  expect(before).toHaveLength(3);
  // One session answers as a standby would; all others are as they were.
  await db.raw('SET default_transaction_read_only = on');
  await db('items').where({ id: 1 }).increment('v', 1);
  expect(codes).toEqual(['25006']);
  await Promise.all([1, 2, 3].map(() => db('items').first()));
  const after = pids();
  expect(after.length).toBeGreaterThan(0);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  await poolIsFree(pool);
});
