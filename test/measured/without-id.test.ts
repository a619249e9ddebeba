/** Measured: a transaction without an id may still have done something; only what provably read has not. */
import {
  type CaromPool,
  type TransactionCallback,
  type TransactionOptions,
  wrapPool,
} from '@carom/pg';
import { outcomeOf } from '@carom/postgres';
import { type FaultProxy, startFaultProxy } from '@carom/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { settled } from '../contract/world.js';
import { hastyClock } from '../hasty-clock.js';
import { onEachVersion } from './versions.js';
import { createWorld } from './world.js';

onEachVersion((version) => {
  const world = createWorld(version);
  let proxy: FaultProxy;
  let pool: CaromPool;

  beforeAll(async () => {
    proxy = await startFaultProxy(world.primary);
    const { host, port, user, password = '', database } = world.primary.config;
    await world.ask(`CREATE EXTENSION postgres_fdw; CREATE EXTENSION dblink;
      CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw
        OPTIONS (host '${host}', port '${port}', dbname '${database}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user '${user}', password '${password}');
      CREATE FOREIGN TABLE far_marks (mark text NOT NULL) SERVER elsewhere OPTIONS (table_name 'marks');
      CREATE FUNCTION leave(it text) RETURNS text LANGUAGE sql AS
        'INSERT INTO public.marks VALUES (it) RETURNING mark'`);
    pool = wrapPool(new pg.Pool({ ...world.primary.config, host: proxy.host, port: proxy.port }), {
      clock: hastyClock(),
    });
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await proxy?.close();
  });
  afterEach(() => proxy.cutAll('rst'));

  /** Plays a transaction whose COMMIT is done, and not answered. */
  async function unanswered(callback: TransactionCallback<unknown>, options?: TransactionOptions) {
    let calls = 0;
    let xid: unknown;
    await pool.query('SELECT 1');
    const fault = proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    const { error } = await settled(
      pool.transaction(async (client) => {
        calls += 1;
        await callback(client);
        const { processID: pid } = client as unknown as { readonly processID: number };
        const id = 'SELECT backend_xid AS id FROM pg_stat_activity WHERE pid = $1';
        xid = (await world.ask<{ id: string | null }>(id, [pid]))[0]?.id;
      }, options),
    );
    await fault.settled;
    return { calls, xid, outcome: outcomeOf(error) };
  }

  const unknown = { calls: 1, xid: null, outcome: 'unknown' };

  test('a write to a foreign table is unknown, and not done twice', async () => {
    const work = unanswered((client) => client.query("INSERT INTO far_marks VALUES ('far')"));
    expect(await work).toEqual(unknown);
    expect(await world.rows('far')).toBe(1);
  });

  test('a write through dblink is unknown, and not done twice', async () => {
    const { host, port, user, password, database } = world.primary.config;
    const address = `host=${host} port=${port} user=${user} password=${password} dbname=${database}`;
    for (const [mark, options] of [
      ['linked', undefined],
      ['linked, declared READ ONLY', { readOnly: true }],
    ] as const) {
      const insertion = `INSERT INTO marks VALUES ('${mark}')`;
      const work = unanswered(
        (client) => client.query('SELECT dblink_exec($1, $2)', [address, insertion]),
        options,
      );
      expect(await work).toEqual(unknown);
      expect(await world.rows(mark)).toBe(1);
    }
  });

  test('a cursor that is held runs its query at COMMIT: unknown, and not done twice', async () => {
    const work = unanswered((client) =>
      client.query("DECLARE held CURSOR WITH HOLD FOR SELECT leave('held')"),
    );
    expect(await work).toEqual(unknown);
    expect(await world.rows('held')).toBe(1);
  });

  describe('a notification gets its id at COMMIT: unknown, and not sent twice', () => {
    test.each([
      ['NOTIFY', "NOTIFY measured, 'said'", undefined],
      ['pg_notify', "SELECT pg_notify('measured', 'said')", undefined],
      ['NOTIFY, declared READ ONLY', "NOTIFY measured, 'said'", { readOnly: true }],
    ])('%s', async (_, sql, options) => {
      const listener = await world.connect();
      const heard: unknown[] = [];
      listener.on('notification', ({ payload }) => heard.push(payload));
      await listener.query('LISTEN measured');
      expect(await unanswered((client) => client.query(sql), options)).toEqual(unknown);
      await listener.query('SELECT 1');
      expect(heard).toEqual(['said']);
    });
  });

  test.each([undefined, { readOnly: true }])(
    'what only read is played again: %j',
    async (options) => {
      const work = unanswered((client) => client.query('SELECT count(*) FROM marks'), options);
      expect(await work).toEqual({ calls: 2, xid: null, outcome: undefined });
    },
  );
});
