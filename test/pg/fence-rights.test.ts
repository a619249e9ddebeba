/** A user without rights on Carom's table hears so from the server, and not that an error was swallowed. */
import { wrapPool } from '@carom/pg';
import { commitTokensSql, outcomeOf } from '@carom/postgres';
import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { settled } from '../contract/world.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.primary.query(commitTokensSql);
  await cluster.primary.query(`CREATE TABLE marks (mark text);
    CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT INSERT, SELECT ON marks TO clerk`);
}, 60_000);
afterAll(async () => await cluster?.stop(), 60_000);

test.each(['transaction', 'single write'])('%s', async (kind) => {
  const bare = new pg.Pool({ ...cluster.primary.config, user: 'clerk', password: 'clerk' });
  const pool = wrapPool(bare, { commit: 'fence', exactlyOnce: true });
  const insert = "INSERT INTO marks VALUES ('a')";
  const work =
    kind === 'transaction'
      ? pool.transaction((client) => client.query(insert))
      : pool.query(insert);
  const { error } = await settled(work);
  expect(error).toMatchObject({ code: '42501', message: expect.stringContaining('carom') });
  expect(outcomeOf(error)).toBe('rolled-back');
  expect((await cluster.primary.query('SELECT FROM marks')).rows.length).toBe(0);
  await pool.end();
});

test.each([
  'pg_control_system()',
  'pg_current_xact_id_if_assigned()',
  'pg_postmaster_start_time()',
])('who may not execute %s writes all the same', async (name) => {
  const revoke = (from: string): string =>
    `REVOKE EXECUTE ON FUNCTION pg_catalog.${name} FROM ${from}`;
  await cluster.primary.query(`GRANT USAGE ON SCHEMA carom TO clerk;
    GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA carom TO clerk; ${revoke('PUBLIC')}`);
  const bare = new pg.Pool({ ...cluster.primary.config, user: 'clerk', password: 'clerk' });
  const pool = wrapPool(bare, { commit: 'fence' });
  const work = await settled(
    pool.transaction((client) => client.query("INSERT INTO marks VALUES ('b')")),
  );
  await pool.end();
  await cluster.primary.query(`GRANT EXECUTE ON FUNCTION pg_catalog.${name} TO PUBLIC`);
  expect(work.error).toBeUndefined();
});
