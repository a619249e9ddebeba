/** The SQL files that travel with the package do what the functions do. */
import { readFile } from 'node:fs/promises';
import { commitTokensSql } from '@carom/postgres';
import { startCluster } from '@carom/testing';
import { expect, test } from '@jest/globals';

const file = (name: string): Promise<string> =>
  readFile(new URL(`../../packages/postgres/sql/${name}`, import.meta.url), 'utf8');
const withoutComments = (sql: string): string => sql.replace(/^--.*\n/gm, '');

test('the table of the file is that of the function', async () => {
  expect(withoutComments(await file('commit-tokens.sql'))).toBe(commitTokensSql);
});

test('expiring deletes what is older, never what is a minute young, and notes the horizon', async () => {
  const cluster = await startCluster();
  const { primary } = cluster;
  try {
    await primary.query(await file('commit-tokens.sql'));
    await primary.query(`INSERT INTO carom.commit_tokens (created_at)
      VALUES (now() - interval '2 days'), (now() - interval '2 hours'), (now())`);
    const expire = async (olderThan: string): Promise<number> => {
      const sql = await file('expire-commit-tokens.sql');
      // As psql does with its variable.
      await primary.query(sql.replace(":'older_than'", `'${olderThan}'`));
      return (await primary.query('SELECT FROM carom.commit_tokens')).rows.length;
    };
    expect(await expire('1 day')).toBe(2);
    expect(await expire('0 seconds')).toBe(1);
    const horizon =
      "SELECT expired_until < now() - interval '50 seconds' AS old FROM carom.commit_horizon";
    expect((await primary.query(horizon)).rows).toEqual([{ old: true }]);
  } finally {
    await cluster.stop();
  }
}, 60_000);
