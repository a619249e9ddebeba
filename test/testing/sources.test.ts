/** Where Postgres comes from: another's server by URL, and a container. */
import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { codeOf } from './waiting.js';

// Real servers, on a machine that may be busy.
jest.setTimeout(60_000);

const given = process.env['CAROM_TEST_PG'];

afterEach(() => {
  if (given === undefined) delete process.env['CAROM_TEST_PG'];
  else process.env['CAROM_TEST_PG'] = given;
});

describe('a URL', () => {
  let owned: Cluster;
  let cluster: Cluster;

  beforeAll(async () => {
    process.env['CAROM_TEST_PG'] = 'embedded';
    owned = await startCluster();
    process.env['CAROM_TEST_PG'] = owned.primary.url;
    cluster = await startCluster();
  });

  afterAll(() => owned.stop());

  const databases = async (): Promise<readonly string[]> => {
    const sql = "select datname from pg_database where datname like 'carom_test%'";
    return (await owned.primary.query<{ datname: string }>(sql)).rows.map(({ datname }) => datname);
  };

  test('gets a database of its own', async () => {
    const { rows } = await cluster.primary.query('select current_database() as name');
    expect(rows).toEqual([{ name: cluster.primary.config.database }]);
    expect(await databases()).toEqual([cluster.primary.config.database]);
  });

  test('is never broken', async () => {
    expect(cluster.capabilities).toEqual({ stop: false, standby: false, kill: true });
    const refusal = { name: 'UnsupportedOperationError', code: 'CAROM_UNSUPPORTED', needs: 'stop' };
    await expect(cluster.primary.stop()).rejects.toMatchObject(refusal);
    await expect(cluster.primary.restart()).rejects.toMatchObject(refusal);
    await expect(cluster.primary.promote()).rejects.toMatchObject({ needs: 'standby' });
    await expect(cluster.failover()).rejects.toThrow('CAROM_TEST_PG=url has no standby');
    expect(() => cluster.standby).toThrow('has no standby');
    process.env['CAROM_TEST_PG'] = owned.primary.url;
    await expect(startCluster({ standby: 'sync' })).rejects.toMatchObject({ needs: 'standby' });
    await owned.primary.query('select 1');
  });

  test('only backends of that database are killed', async () => {
    const [ours, theirs] = [new pg.Client(cluster.primary.url), new pg.Client(owned.primary.url)];
    for (const client of [ours, theirs]) client.on('error', () => undefined);
    await Promise.all([ours.connect(), theirs.connect()]);
    expect(await cluster.primary.killBackends()).toBe(1);
    expect(await codeOf(theirs.query('select 1'))).toBe('resolved');
    expect(await codeOf(ours.query('select 1'))).not.toBe('resolved');
    await theirs.end();
  });

  test('a database that was there before stays', async () => {
    await owned.primary.query('create database carom_test_kept');
    process.env['CAROM_TEST_PG'] = owned.primary.url;
    await (await startCluster({ database: 'carom_test_kept' })).stop();
    expect(await databases()).toContain('carom_test_kept');
  });

  test('stop drops the database', async () => {
    await cluster.stop();
    expect(await databases()).not.toContain(cluster.primary.config.database);
  });

  test('of a server that does not answer: one sentence, and no password', async () => {
    process.env['CAROM_TEST_PG'] = 'postgres://me:secret@127.0.0.1:9/db';
    const failure = startCluster();
    await expect(failure).rejects.toMatchObject({ code: 'CAROM_CLUSTER' });
    await expect(failure).rejects.toThrow('does not let us create a database');
    await expect(failure).rejects.not.toThrow('secret');
  });
});

test('docker without a Docker, or without testcontainers, says so in one sentence', async () => {
  process.env['CAROM_TEST_PG'] = 'docker';
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:9';
  try {
    await expect(startCluster()).rejects.toThrow(
      /^CAROM_TEST_PG=docker (could not start a container|needs the package @testcontainers)/,
    );
    await expect(startCluster({ standby: 'async' })).rejects.toThrow('has no standby');
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }
});
