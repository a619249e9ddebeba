/** The simulation's Postgres: what its clients hear, and what is committed in truth. */
import type { EventEmitter } from 'node:events';
import { seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { clientOf } from '../../bench/outage/database/client.js';
import { Database } from '../../bench/outage/database/database.js';
import { insertUnit, updateRow } from '../../bench/outage/database/statements.js';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';

type Client = EventEmitter & {
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
  query(text: string, values?: readonly unknown[]): Promise<{ command: string }>;
};

interface Heard {
  readonly code?: string;
  readonly command?: string;
}

function world(seed = 1) {
  const clock = new VirtualClock(setImmediate);
  const database = new Database(clock, seededRandom(seed));
  const Client = clientOf(database, () => {}) as new () => Client;
  const connect = async (): Promise<Client> => {
    const client = new Client();
    client.on('error', () => {});
    const connected = client.connect();
    await clock.run(clock.now() + 10);
    await connected;
    return client;
  };
  /** Sends all of it, one after the other, and notes how it ends. */
  const send = (client: Client, ...texts: readonly (readonly [string, ...unknown[]])[]) => {
    const heard: Heard = {};
    const work = async (): Promise<void> => {
      for (const [text, ...values] of texts) {
        Object.assign(heard, { command: (await client.query(text, values)).command });
      }
    };
    work().catch((error: unknown) => Object.assign(heard, { code: (error as Heard).code }));
    return heard;
  };
  const pass = (time: number): Promise<void> => clock.run(clock.now() + time);
  return { clock, database, connect, send, pass };
}

describe('the simulated Postgres', () => {
  test('has what is committed, once, and nothing of what is rolled back', async () => {
    const { database, connect, send, pass } = world();
    const client = await connect();
    const heard = send(client, ['BEGIN'], [insertUnit, 1], ['COMMIT']);
    await pass(50);
    expect(heard).toEqual({ command: 'COMMIT' });
    send(client, ['BEGIN'], [insertUnit, 2], ['ROLLBACK']);
    await pass(50);
    expect([...database.applied]).toEqual([[1, 1]]);
  });

  test('one that dies in its COMMITs has some of them, and says so of none', async () => {
    let applied = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { database, connect, send, pass } = world(seed);
      const heard = send(await connect(), ['BEGIN'], [insertUnit, 1], ['COMMIT']);
      await pass(8);
      database.die();
      await pass(50);
      expect(heard.command).not.toBe('COMMIT');
      expect([...database.caught]).toEqual([1]);
      applied += database.applied.size;
    }
    expect(applied).toBeGreaterThan(4);
    expect(applied).toBeLessThan(16);
  });

  test('before its COMMIT nothing is left of a transaction whose session ends', async () => {
    const { database, connect, send, pass } = world();
    const heard = send(await connect(), ['BEGIN'], [insertUnit, 1], [insertUnit, 2]);
    await pass(8);
    database.endAll();
    await pass(50);
    expect(heard.code).toBe('57P01');
    expect([database.applied.size, database.sessions.size, database.caught.size]).toEqual([
      ...[0, 0, 0],
    ]);
  });

  test('refuses connections when it is down, writes while it recovers, and neither when it is promoted', async () => {
    const { database, connect, send, pass } = world();
    database.die();
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    database.recover();
    const client = await connect();
    const refused = send(client, ['BEGIN'], [insertUnit, 1]);
    await pass(20);
    expect(refused.code).toBe('25006');
    database.promote();
    const heard = send(client, ['ROLLBACK'], ['BEGIN'], [insertUnit, 1], ['COMMIT']);
    await pass(50);
    expect(heard.command).toBe('COMMIT');
  });

  test('of two that wait for each other one gives way, and the other goes on', async () => {
    const { database, connect, send, pass } = world();
    const clients = [await connect(), await connect()];
    const rows = [
      [1, 2],
      [2, 1],
    ];
    const heard = clients.map((client, nth) =>
      send(
        client,
        ...[['BEGIN'] as const, [insertUnit, nth] as const],
        ...(rows[nth] ?? []).map((row) => [updateRow, row] as const),
        ['COMMIT'],
      ),
    );
    await pass(45);
    expect(heard.map(({ command }) => command)).toEqual(['UPDATE', 'UPDATE']);
    await pass(60);
    expect(heard.map(({ code }) => code)).toEqual(['40P01', undefined]);
    expect([...database.applied.keys()]).toEqual([1]);
    expect(database.locks.deadlocks).toBe(1);
  });

  test('a connection that was forgotten says so to who uses it, and not before', async () => {
    const { database, connect, send, pass } = world();
    const client = await connect();
    let errors = 0;
    client.on('error', () => (errors += 1));
    database.forgetAll();
    await pass(1_000);
    expect(errors).toBe(0);
    const heard = send(client, ['BEGIN']);
    await pass(10);
    expect([heard.code, errors]).toEqual(['ECONNRESET', 1]);
  });

  test('does not play what it does not understand', async () => {
    const { connect } = world();
    const client = await connect();
    await expect(client.query('VACUUM')).rejects.toThrow('does not understand');
  });
});
