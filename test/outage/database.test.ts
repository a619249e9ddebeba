/** The simulation's Postgres: what its clients hear, and what is committed in truth. */
import { describe, expect, test } from '@jest/globals';
import { insertUnit, updateRow } from '../../bench/outage/database/statements.js';
import { world } from './database.js';

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

  test('in a black hole what is sent is lost, and the connection that it was sent on stays silent', async () => {
    const { Client, database, connect, send, pass } = world();
    const [talks, rests] = [await connect(), await connect()];
    database.network.swallow();
    const heard = [send(talks, ['BEGIN'])];
    let connected = 0;
    const connects = (): void => {
      void new Client().connect().then(() => {
        connected += 1;
      });
    };
    connects();
    await pass(60_000);
    connects();
    await pass(2);
    database.network.comeBack();
    heard.push(send(talks, ['BEGIN']), send(rests, ['BEGIN']));
    await pass(60_000);
    expect(heard).toEqual([{}, {}, { command: 'BEGIN' }]);
    expect([connected, database.sessions.size]).toEqual([0, 2]);
    await connect();
    expect(database.sessions.size).toBe(3);
  });

  test('a COMMIT that is swallowed is not done, and one whose answer is swallowed is', async () => {
    const { database, connect, send, pass } = world();
    const [late, early] = [await connect(), await connect()];
    send(late, ['BEGIN'], [insertUnit, 1]);
    await pass(10);
    send(early, ['BEGIN'], [insertUnit, 2], ['COMMIT']);
    await pass(8);
    database.network.swallow();
    const heard = send(late, ['COMMIT']);
    await pass(100);
    expect([heard, [...database.applied], [...database.caught].sort()]).toEqual([
      {},
      [[2, 1]],
      [1, 2],
    ]);
  });

  test('in a black hole neither end hears that the other has hung up', async () => {
    const { database, connect, send, pass } = world();
    const [cut, ended, killed] = [await connect(), await connect(), await connect()];
    const heard = [cut, ended, killed].map((client) => send(client, ['BEGIN']));
    await pass(10);
    let isEnded = false;
    database.network.swallow();
    cut.connection.stream.destroy();
    void ended.end().then(() => {
      isEnded = true;
    });
    await pass(100);
    expect([isEnded, database.sessions.size, database.network.routes.size]).toEqual([false, 3, 1]);
    database.endAll();
    await pass(100);
    expect(heard).toEqual([0, 1, 2].map(() => ({ command: 'BEGIN' })));
    // Its own client still has it, and so has the pool.
    expect([database.sessions.size, database.network.routes.size]).toEqual([0, 1]);
  });

  test('ends a transaction that is idle for too long, which gives its locks to others', async () => {
    const { database, connect, send, pass } = world();
    const limited = 'BEGIN; SET LOCAL idle_in_transaction_session_timeout = 100';
    const [silent, busy, waits] = [await connect(), await connect(), await connect()];
    const ended = send(silent, [limited], [insertUnit, 1], [updateRow, 1]);
    send(busy, [limited], [insertUnit, 2]);
    await pass(20);
    const heard = send(waits, ['BEGIN'], [updateRow, 1]);
    await pass(80);
    send(busy, [updateRow, 2]);
    await pass(50);
    expect([ended.command, ended.code, heard.command]).toEqual(['UPDATE', undefined, 'UPDATE']);
    expect(send(silent, ['COMMIT'])).toEqual({});
    // From when it was done with its last statement.
    expect(database.sessions.size).toBe(2);
  });

  test('ends a statement that takes too long', async () => {
    const { connect, send, pass } = world();
    const [holds, waits] = [await connect(), await connect()];
    send(holds, ['BEGIN'], [updateRow, 1]);
    await pass(10);
    const heard = send(waits, ['BEGIN; SET LOCAL statement_timeout = 200'], [updateRow, 1]);
    await pass(200);
    expect(heard.code).toBeUndefined();
    await pass(10);
    expect(heard.code).toBe('57014');
  });
});
