/** The fault proxy when it lets pass, holds and refuses, between plain clients and a real Postgres. */
import { connect } from 'node:net';
import { startFaultProxy } from '@carom/testing';
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { lost, transaction, world, write } from './proxy-world.js';
import { codeOf, until } from './waiting.js';

const stage = world();

/** Sends the request by which the protocol cancels: on a connection of its own, which the server closes. */
async function cancel(client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const request = Buffer.alloc(16);
  for (const [at, value] of [16, 80_877_102, processID, secretKey].entries()) {
    request.writeInt32BE(value, at * 4);
  }
  const socket = connect(stage.proxy.port, stage.proxy.host);
  socket.write(request);
  await new Promise((resolve) => socket.resume().on('close', resolve));
}

describe('without a fault', () => {
  test('simple and extended queries pass, and are counted', async () => {
    const client = await stage.connected();
    await client.query("select 'a;b' as commit; -- commit\n/* commit; */ select 2");
    await transaction(client, 'a');
    await transaction(client, 'b', ' \n/* x */ commit work ;');
    await transaction(client, 'c', 'End;');
    await transaction(client, 'd', 'rollback');
    await transaction(client, 'e', 'ROLLBACK TO SAVEPOINT nowhere').catch(() => undefined);
    expect(await stage.rows()).toEqual(['a', 'b', 'c']);
    expect(stage.proxy.seen).toEqual({
      connections: 1,
      refused: 0,
      // Connecting, and one for each that was waited for.
      roundTrips: expect.any(Number),
      queries: 16,
      begins: 5,
      commits: 3,
      rollbacks: 1,
      cancels: 0,
      faults: 0,
    });
    expect(stage.proxy.connections).toBe(1);
  });

  test('round trips are counted, not messages', async () => {
    const client = await stage.connected();
    const before = stage.proxy.seen.roundTrips;
    await client.query('select $1::int', [1]);
    await client.query('select 1; select 2');
    expect(stage.proxy.seen.roundTrips - before).toBe(2);
  });

  test('a large result arrives whole', async () => {
    const client = await stage.connected();
    const big = await client.query("select repeat('x', 1000) as x from generate_series(1, 20000)");
    expect(big.rows).toHaveLength(20_000);
    const sent = 'y'.repeat(8_000_000);
    const echo = await client.query<{ n: number }>('select length($1) as n', [sent]);
    expect(echo.rows[0]?.n).toBe(8_000_000);
  });

  test('a cancel request reaches the server', async () => {
    const client = await stage.connected();
    const query = new pg.Query('select pg_sleep(60)');
    const failed = new Promise<unknown>((resolve) => query.on('error', resolve));
    client.query(query);
    // One that comes before its backend has read the statement cancels nothing.
    const asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep'";
    await until(async () => (await stage.cluster.primary.query(asleep)).rowCount === 1);
    await cancel(client);
    expect(await failed).toMatchObject({ code: '57014' });
    expect(stage.proxy.seen.cancels).toBe(1);
  });

  test('a request for TLS is answered with no, and the connection goes on', async () => {
    const socket = connect(stage.proxy.port, stage.proxy.host);
    const heard: Buffer[] = [];
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('data', (data) => {
      heard.push(data);
      // A startup message for an account that does not exist.
      if (heard.length === 1) {
        const parameters = Buffer.from('user\0nobody here\0database\0postgres\0\0');
        const head = Buffer.alloc(8);
        head.writeInt32BE(8 + parameters.length, 0);
        head.writeInt32BE(196_608, 4);
        socket.write(Buffer.concat([head, parameters]));
      } else socket.end();
    });
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    await ended;
    expect(heard[0]?.toString()).toBe('N');
    expect(heard[1]?.toString('latin1', 0, 1)).toBe('R');
  });

  test('with encryption: forward the server decides', async () => {
    await using forwarding = await startFaultProxy(stage.cluster.primary, {
      encryption: 'forward',
    });
    const client = new pg.Client({ connectionString: forwarding.url, ssl: true });
    // This server has no TLS; its no comes through.
    await expect(client.connect()).rejects.toThrow('The server does not support SSL connections');
  });

  test("the server's end is passed on as what it was", async () => {
    const client = await stage.connected();
    const answer = codeOf(client.query('select pg_terminate_backend(pg_backend_pid())'));
    expect(await answer).toBe('57P01');
  });

  test('a proxy to nowhere resets its clients', async () => {
    await using astray = await startFaultProxy({ host: '127.0.0.1', port: 9 });
    expect(await codeOf(stage.client(astray.url).connect())).toBe('ECONNRESET');
  });
});

describe('stall, black hole, delay', () => {
  test('a stall before the server gets COMMIT ends with resume', async () => {
    const client = await stage.connected();
    const fault = stage.proxy.inject({ kind: 'stall', at: 'COMMIT' });
    const done = codeOf(transaction(client, 'a'));
    await fault.fired;
    expect(await stage.rows()).toEqual([]);
    stage.proxy.resume();
    expect(await done).toBe('resolved');
    await fault.settled;
    expect(await stage.rows()).toEqual(['a']);
  });

  test('a stall after the server has COMMIT holds the answer back', async () => {
    const client = await stage.connected();
    const fault = stage.proxy.inject({ kind: 'stall', when: 'after-server', at: 'COMMIT' });
    let answered = false;
    const done = transaction(client, 'a').then(() => {
      answered = true;
    });
    await fault.fired;
    await until(async () => (await stage.rows()).length === 1);
    expect(answered).toBe(false);
    stage.proxy.resume();
    await done;
  });

  test.each([
    ['before', []],
    ['after-server', ['a']],
  ] as const)(
    'a black hole %s COMMIT: the client never hears, nobody is told',
    async (when, expected) => {
      const client = await stage.connected();
      const fault = stage.proxy.inject({ kind: 'blackHole', when, at: 'COMMIT' });
      const done = codeOf(transaction(client, 'a'));
      await fault.fired;
      await until(async () => (await stage.rows()).length === expected.length);
      const { rows: states } = await stage.cluster.primary.query(
        "select state from pg_stat_activity where query = 'COMMIT' or query like 'insert%'",
      );
      // The server still has its side of the connection.
      expect(states).toHaveLength(1);
      expect(stage.proxy.connections).toBe(1);
      stage.proxy.cutAll();
      expect(await done).toBe(lost);
      await fault.settled;
      expect(await stage.rows()).toEqual(expected);
    },
  );

  test('a black hole for all: nothing passes until it is over, then everything does', async () => {
    const client = await stage.connected();
    stage.proxy.blackHole(true);
    let heard = 0;
    const answers = [write(client, 'a'), stage.client().connect()].map((answer) =>
      codeOf(answer).finally(() => {
        heard += 1;
      }),
    );
    await until(() => stage.proxy.connections === 2);
    // Past the proxy others come and go in the meantime.
    for (let times = 1; times <= 3; times += 1) expect(await stage.rows()).toEqual([]);
    expect(heard).toBe(0);
    stage.proxy.blackHole(false);
    expect(await Promise.all(answers)).toEqual(['resolved', 'resolved']);
    expect(await stage.rows()).toEqual(['a']);
  });

  test('a delay makes each way longer', async () => {
    const client = await stage.connected();
    stage.proxy.delay({ toServer: 30, toClient: 20 });
    const start = performance.now();
    await client.query('select 1');
    expect(performance.now() - start).toBeGreaterThanOrEqual(49);
    stage.proxy.delay(0);
    stage.proxy.inject({ kind: 'delay', ms: 40, at: 'COMMIT' });
    const before = performance.now();
    await transaction(client, 'a');
    expect(performance.now() - before).toBeGreaterThanOrEqual(39);
  });
});

describe('refusal and failover', () => {
  test('refuse: the system refuses; the open connections stay', async () => {
    const client = await stage.connected();
    stage.proxy.refuse();
    expect(await codeOf(stage.client().connect())).toBe('ECONNREFUSED');
    await write(client, 'a');
    await stage.proxy.accept();
    await write(await stage.connected(), 'b');
    expect(await stage.rows()).toEqual(['a', 'b']);
  });

  test.each([
    ['fin', lost],
    ['rst', 'ECONNRESET'],
  ] as const)('refuse: accepted and ended (%s)', async (how, expected) => {
    stage.proxy.refuse(how);
    expect(await codeOf(stage.client().connect())).toBe(expected);
    expect(stage.proxy.seen).toMatchObject({ connections: 1, refused: 1 });
    await stage.proxy.accept();
    await stage.connected();
  });

  test('retarget leads new connections elsewhere', async () => {
    await using other = await startFaultProxy(stage.cluster.primary);
    const client = await stage.connected();
    stage.proxy.retarget(other, { cut: 'fin' });
    expect(await codeOf(client.query('select 1'))).not.toBe('resolved');
    await write(await stage.connected(), 'a');
    expect(other.seen.queries).toBe(1);
  });
});
