/** The standby: streaming, synchronous commit, promotion, and the way back of the former primary. */

import { type Cluster, needs, type Server, startCluster } from '@carom/testing';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { codeOf, until } from './waiting.js';

const failover = needs('standby', test);

// Real servers, on a machine that may be busy.
jest.setTimeout(60_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ standby: 'sync' });
  await cluster.primary.query('create table written (id text)');
});

afterAll(() => cluster.stop());

const write = (id: string): Promise<unknown> =>
  cluster.primary.query('insert into written values ($1)', [id]);

async function idsOn(server: Server): Promise<readonly string[]> {
  const { rows } = await server.query<{ id: string }>('select id from written order by id');
  return rows.map(({ id }) => id);
}

failover('a standby streams, and takes no writes', async () => {
  await write('a');
  await cluster.caughtUp();
  expect(await idsOn(cluster.standby)).toEqual(['a']);
  expect(await codeOf(cluster.standby.query("insert into written values ('no')"))).toBe('25006');
  const { rows } = await cluster.primary.query('select state, sync_state from pg_stat_replication');
  expect(rows).toEqual([{ state: 'streaming', sync_state: 'sync' }]);
});

failover('a synchronous COMMIT waits for the standby', async () => {
  await cluster.standby.stop();
  const written = write('b');
  const waiting = "select from pg_stat_activity where wait_event = 'SyncRep'";
  await until(async () => (await cluster.primary.query(waiting)).rows.length === 1);
  await cluster.standby.start();
  await written;
});

failover('settings that a standby must not be below its primary in go to both', async () => {
  await cluster.primary.restart({ settings: { max_connections: 150 } });
  await write('c');
  const { rows } = await cluster.standby.query("select current_setting('max_connections') as n");
  expect(rows).toEqual([{ n: '150' }]);
});

failover('failover: the new primary waits for nobody; the former one rejoins', async () => {
  const [first, second] = [cluster.primary, cluster.standby];
  expect(await cluster.failover()).toBe(second);
  expect(cluster.primary).toBe(second);
  expect(first.running).toBe(false);
  expect(() => cluster.standby).toThrow('no standby');
  await write('d');
  await cluster.rejoin();
  expect(cluster.standby).toBe(first);
  await write('e');
  await cluster.caughtUp();
  expect(await idsOn(first)).toEqual(['a', 'b', 'c', 'd', 'e']);
  const { rows } = await second.query('select sync_state from pg_stat_replication');
  expect(rows).toEqual([{ sync_state: 'sync' }]);
});

failover('a former primary that went on writing rejoins without what it wrote', async () => {
  const [former, next] = [cluster.primary, cluster.standby];
  await next.promote();
  // Two primaries: it must not wait for the standby that it has lost.
  await former.restart({ mode: 'immediate', settings: { synchronous_standby_names: '' } });
  await former.query("insert into written values ('only here')");
  await write('f');
  await cluster.rejoin(former);
  await cluster.caughtUp();
  expect(await idsOn(former)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(await idsOn(next)).toEqual(await idsOn(former));
});

failover('only a server that is not the primary can rejoin', async () => {
  await expect(cluster.rejoin(cluster.primary)).rejects.toThrow('not its primary');
});
