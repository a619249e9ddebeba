/** The cluster: one real Postgres, started, stopped, restarted and killed. */
import { stat } from 'node:fs/promises';
import { type Cluster, needs, startCluster } from '@carom/testing';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { codeOf, until } from './waiting.js';

// Of the embedded server itself, whatever server the other tests are to use.
process.env['CAROM_TEST_PG'] = 'embedded';

const fault = needs('stop', describe);

// Real servers, on a machine that may be busy.
jest.setTimeout(60_000);

let cluster: Cluster;
const open: pg.Client[] = [];

beforeAll(async () => {
  cluster = await startCluster({ settings: { max_connections: 40, deadlock_timeout: '123ms' } });
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.end().catch(() => undefined)));
  await cluster.stop();
});

async function connected(config: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...cluster.primary.config, ...config });
  client.on('error', () => undefined);
  open.push(client);
  await client.connect();
  return client;
}

async function setting(name: string): Promise<string | undefined> {
  const { rows } = await cluster.primary.query<{ value: string }>(
    'select current_setting($1) as value',
    [name],
  );
  return rows[0]?.value;
}

describe('a started cluster', () => {
  test('is reached by its config and its url, with its settings', async () => {
    const client = new pg.Client(cluster.primary.url);
    await client.connect();
    await client.end();
    expect(await setting('max_connections')).toBe('40');
    expect(await setting('deadlock_timeout')).toBe('123ms');
    expect(cluster.primary.running).toBe(true);
    expect(cluster.servers).toEqual([cluster.primary]);
    expect(cluster.primary.log).toContain('database system is ready to accept connections');
  });

  test('is not open to others: loopback, a password, private files, no superuser of the system', async () => {
    expect(await setting('listen_addresses')).toBe('127.0.0.1');
    expect(await setting('unix_socket_directories')).toBe('');
    expect(await codeOf(connected({ password: 'guess' }))).toBe('28P01');
    const found = await stat((await setting('data_directory')) ?? '');
    expect(found.mode & 0o077).toBe(0);
    expect(found.uid).not.toBe(0);
  });

  test('has no standby unless asked for one', () => {
    expect(() => cluster.standby).toThrow('this cluster has no standby');
    expect(cluster.capabilities).toEqual({ stop: true, standby: true, kill: true });
  });

  test('refuses wrong options before anything is started', async () => {
    await expect(startCluster({ standby: 'sync', port: 80 })).rejects.toMatchObject({
      code: 'CAROM_INVALID_OPTION',
      message: 'option `port` is 80; allowed: a port from 1024 to 65535',
    });
  });

  test('says in one sentence when its port is taken, and why a setting is wrong', async () => {
    const { port } = cluster.primary;
    await expect(startCluster({ port })).rejects.toMatchObject({
      code: 'CAROM_CLUSTER',
      message: expect.stringContaining('Address already in use'),
    });
    await expect(startCluster({ settings: { no_such_setting: 1 } })).rejects.toThrow(
      'unrecognized configuration parameter "no_such_setting"',
    );
  });

  test('creates the database that it is asked for', async () => {
    await using other = await startCluster({ database: 'Shop "1"' });
    const { rows } = await other.primary.query('select current_database() as name');
    expect(rows).toEqual([{ name: 'Shop "1"' }]);
    const client = new pg.Client(other.primary.url);
    await client.connect();
    await client.end();
  });
});

describe('killing backends', () => {
  test('by pid: the client hears 57P01, others live on', async () => {
    const [one, other] = [await connected(), await connected()];
    const { rows } = await one.query<{ pid: number }>('select pg_backend_pid() as pid');
    const running = codeOf(one.query('select pg_sleep(60)'));
    expect(await cluster.primary.killBackend(rows[0]?.pid ?? 0)).toBe(true);
    expect(await running).toBe('57P01');
    expect(await cluster.primary.killBackend(rows[0]?.pid ?? 0)).toBe(false);
    await other.query('select 1');
  });

  test('by application name and state', async () => {
    const shop = await connected({ application_name: 'shop' });
    await shop.query('begin');
    await connected({ application_name: 'shop' });
    await connected({ application_name: 'office' });
    const inTransaction = { applicationName: 'shop', state: 'idle in transaction' };
    expect(await cluster.primary.killBackends(inTransaction)).toBe(1);
    expect(await cluster.primary.killBackends({ applicationName: 'shop' })).toBe(1);
    expect(await cluster.primary.killBackends({ applicationName: 'office' })).toBe(1);
    await cluster.primary.killBackends();
    expect(await cluster.primary.killBackends()).toBe(0);
  });
});

fault('stopping', () => {
  test('fast: clients hear 57P01, then nobody listens; start brings it back on the same port', async () => {
    const { port } = cluster.primary;
    const running = codeOf((await connected()).query('select pg_sleep(60)'));
    await cluster.primary.stop();
    expect(await running).toBe('57P01');
    expect(cluster.primary.running).toBe(false);
    expect(await codeOf(connected())).toBe('ECONNREFUSED');
    await cluster.primary.stop();
    await Promise.all([cluster.primary.start(), cluster.primary.start()]);
    await cluster.primary.start();
    expect(cluster.primary.port).toBe(port);
    await connected();
  });

  test('smart: waits for clients, and lets nobody new in', async () => {
    await cluster.primary.killBackends();
    const client = await connected();
    const stopped = cluster.primary.stop('smart').then(() => 'stopped');
    await until(async () => (await codeOf(connected())) === '57P03');
    await client.query('select 1');
    await client.end();
    expect(await stopped).toBe('stopped');
    await cluster.primary.start();
  });

  test('immediate: a crash, recovered at the next start', async () => {
    await cluster.primary.query('create table kept as select 1 as id');
    const running = codeOf((await connected()).query('select pg_sleep(60)'));
    await cluster.primary.stop('immediate');
    expect(await running).toMatch(/57P02|ECONNRESET|Connection terminated unexpectedly/);
    await cluster.primary.start();
    expect(cluster.primary.log).toContain('was not properly shut down');
    expect((await cluster.primary.query('select id from kept')).rows).toEqual([{ id: 1 }]);
  });

  test('restart with other settings; they and the earlier ones stay', async () => {
    await cluster.primary.restart({ settings: { max_connections: 55, work_mem: '5MB' } });
    await cluster.primary.restart({ mode: 'immediate' });
    expect(await setting('max_connections')).toBe('55');
    expect(await setting('work_mem')).toBe('5MB');
    expect(await setting('deadlock_timeout')).toBe('123ms');
  });
});
