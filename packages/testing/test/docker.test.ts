/** A Docker server without Docker: its orders go to a real Postgres that stands in for the one in the container. */
import type { Cluster, StopMode } from '@carom/testing';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Container } from '../src/cluster/docker/container.js';
import { DockerServer } from '../src/cluster/docker/docker-server.js';
import { startEmbedded } from '../src/cluster/embedded/embedded-cluster.js';

// Real servers, on a machine that may be busy.
jest.setTimeout(60_000);

const modes: Readonly<Record<string, StopMode>> = { TERM: 'smart', INT: 'fast', QUIT: 'immediate' };

let cluster: Cluster;
let server: DockerServer;
const orders: string[] = [];

beforeAll(async () => {
  cluster = await startEmbedded({});
  const { primary } = cluster;
  const container: Container = {
    async exec(command, options) {
      orders.push(`${options?.user}: ${command.join(' ')}`);
      await primary.stop(modes[/-(\w+) 1$/.exec(command.at(-1) ?? '')?.[1] ?? '']);
      // What a command gets that dies with its container.
      throw new Error('the container is gone');
    },
    restart: () => primary.start(),
    stop: () => primary.stop(),
  };
  server = new DockerServer(container, primary.config);
});

afterAll(() => cluster.stop());

test('stops by signal, in the mode it was told, and starts again', async () => {
  for (const mode of ['smart', 'fast', 'immediate'] as const) {
    await server.stop(mode);
    expect([server.running, cluster.primary.running]).toEqual([false, false]);
    await server.stop();
    await server.start();
    await server.start();
    expect(server.running).toBe(true);
    await server.query('select 1');
  }
  expect(orders).toEqual([
    'postgres: sh -c kill -TERM 1',
    'postgres: sh -c kill -INT 1',
    'postgres: sh -c kill -QUIT 1',
  ]);
});

test('restarts with other settings, which stay', async () => {
  await server.restart({ settings: { max_connections: 44, work_mem: '5MB' } });
  await server.restart({ mode: 'immediate' });
  const { rows } = await server.query(
    "select current_setting('deadlock_timeout') as d, current_setting('work_mem') as m",
  );
  expect(rows).toEqual([{ d: '1s', m: '5MB' }]);
  expect((await server.query('show max_connections')).rows).toEqual([{ max_connections: '44' }]);
});

test('kills backends, and is no standby', async () => {
  expect(await server.killBackends({ applicationName: 'nobody' })).toBe(0);
  expect(await server.killBackend(1)).toBe(false);
  await expect(server.promote()).rejects.toMatchObject({ code: 'CAROM_UNSUPPORTED' });
  expect(server.url).toBe(cluster.primary.url);
});
