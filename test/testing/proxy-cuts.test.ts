/** The fault proxy when it cuts: what the client sees, and what the database holds. */
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { lockTable, lost, transaction, world, write } from './proxy-world.js';
import { codeOf } from './waiting.js';

const stage = world();

describe('cut', () => {
  const seenBy = { fin: lost, rst: 'ECONNRESET' } as const;

  test.each(['fin', 'rst'] as const)(
    'before the server gets COMMIT (%s): rolled back',
    async (how) => {
      const client = await stage.connected();
      const fault = stage.proxy.inject({ kind: 'cut', when: 'before', how, at: 'COMMIT' });
      expect(await codeOf(transaction(client, 'a'))).toBe(seenBy[how]);
      await fault.settled;
      expect(await stage.rows()).toEqual([]);
      expect(stage.proxy.seen).toMatchObject({ commits: 1, faults: 1 });
      expect(fault.count).toBe(1);
    },
  );

  test.each(['fin', 'rst'] as const)('after the server has COMMIT (%s): committed', async (how) => {
    const client = await stage.connected();
    const fault = stage.proxy.inject({ kind: 'cut', when: 'after-server', how, at: 'COMMIT' });
    expect(await codeOf(transaction(client, 'a'))).toBe(seenBy[how]);
    await fault.settled;
    expect(await stage.rows()).toEqual(['a']);
  });

  test.each(['fin', 'rst'] as const)('after the answer to COMMIT (%s): committed', async (how) => {
    const client = await stage.connected();
    stage.proxy.inject({ kind: 'cut', when: 'after-answer', how, at: 'COMMIT' });
    expect(await codeOf(transaction(client, 'a'))).toBe(seenBy[how]);
    // Already: the client heard nothing before the server had answered.
    expect(await stage.rows()).toEqual(['a']);
  });

  test('after-server leaves a statement running; settled waits for its end', async () => {
    const client = await stage.connected();
    const lock = await lockTable(stage);
    const fault = stage.proxy.inject({
      kind: 'cut',
      when: 'after-server',
      at: { matches: /^insert/ },
    });
    expect(await codeOf(write(client, 'a'))).toBe(lost);
    expect((await fault.fired).sql).toBe('insert into written values ($1)');
    let settled = false;
    void fault.settled.then(() => {
      settled = true;
    });
    await lock.someoneWaits();
    expect(settled).toBe(false);
    await lock.release();
    await fault.settled;
    expect(await stage.rows()).toEqual(['a']);
  });

  test.each([
    ['before', []],
    ['after-server', ['a']],
    ['after-answer', ['a']],
  ] as const)('an autocommit statement with parameters, %s', async (when, expected) => {
    const client = await stage.connected();
    const fault = stage.proxy.inject({ kind: 'cut', when, at: { matches: 'into written' } });
    expect(await codeOf(write(client, 'a'))).toBe(lost);
    await fault.settled;
    expect(await stage.rows()).toEqual(expected);
  });

  test('a prepared statement matches by its text when it is executed again', async () => {
    const client = await stage.connected();
    const again = { name: 'w', text: 'insert into written values ($1)' };
    await client.query({ ...again, values: ['a'] });
    const fault = stage.proxy.inject({
      kind: 'cut',
      when: 'before',
      at: { matches: /INTO WRITTEN/i },
    });
    expect(await codeOf(client.query({ ...again, values: ['b'] }))).toBe(lost);
    await fault.settled;
    expect(await stage.rows()).toEqual(['a']);
  });

  test('the n-th statement since the injection', async () => {
    const client = await stage.connected();
    await client.query('select 1');
    stage.proxy.inject({ kind: 'cut', when: 'before', at: { query: 3 } });
    await write(client, 'a');
    await write(client, 'b');
    expect(await codeOf(write(client, 'c'))).toBe(lost);
    expect(await stage.rows()).toEqual(['a', 'b']);
  });

  test.each(['before', 'after-server', 'after-answer'] as const)(
    'while connecting, %s',
    async (when) => {
      const fault = stage.proxy.inject({ kind: 'cut', when, at: 'connect' });
      expect(await codeOf(stage.client().connect())).toBe(lost);
      await fault.settled;
      expect(await codeOf(stage.client().connect())).toBe('resolved');
    },
  );

  test('faults queue up, and fire as often as they were told to', async () => {
    stage.proxy.inject({ kind: 'cut', when: 'before', at: 'COMMIT', times: 2 });
    const last = stage.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    for (const id of ['a', 'b', 'c']) {
      expect(await codeOf(transaction(await stage.connected(), id))).toBe(lost);
    }
    await last.settled;
    await transaction(await stage.connected(), 'd');
    expect(await stage.rows()).toEqual(['c', 'd']);
    expect(stage.proxy.seen).toMatchObject({ commits: 4, faults: 3 });
  });

  test('a fault that is withdrawn, or outlived by nobody, never fires', async () => {
    const withdrawn = stage.proxy.inject({ kind: 'cut', when: 'before', at: 'statement' });
    withdrawn.withdraw();
    await (await stage.connected()).query('select 1');
    await expect(withdrawn.fired).rejects.toThrow('withdrawn');
    const waiting = stage.proxy.inject({ kind: 'cut', when: 'before', at: 'cancel' });
    await stage.proxy.close();
    await expect(waiting.fired).rejects.toThrow('the proxy was closed before the fault fired');
    await expect(waiting.settled).rejects.toThrow('closed');
  });

  test('cutAll ends every connection, on both sides', async () => {
    const [one, two] = [await stage.connected(), await stage.connected()];
    const answers = [
      codeOf(one.query('select pg_sleep(60)')),
      codeOf(two.query('select pg_sleep(60)')),
    ];
    stage.proxy.cutAll('rst');
    expect(await Promise.all(answers)).toEqual(['ECONNRESET', 'ECONNRESET']);
    await stage.cluster.primary.killBackends();
  });

  test('a wrong fault is refused by name', () => {
    expect(() =>
      stage.proxy.inject({ kind: 'cut', when: 'during' as 'before', at: 'COMMIT' }),
    ).toThrow('option `when` is "during"; allowed: "before", "after-server", "after-answer"');
    expect(() => stage.proxy.inject({ kind: 'stall', at: 'commit' as 'COMMIT' })).toThrow(
      'option `at`',
    );
    expect(() => stage.proxy.inject({ kind: 'explode' as 'stall', at: 'COMMIT' })).toThrow(
      '`kind`',
    );
  });
});

describe('partial rows', () => {
  test.each([
    ['fin', 3],
    ['rst', 3],
    ['fin', 0],
  ] as const)('%s after %d rows', async (how, wanted) => {
    const client = await stage.connected();
    const fault = stage.proxy.inject({
      kind: 'partialRows',
      rows: wanted,
      how,
      at: { matches: 'series' },
    });
    const query = new pg.Query('select * from generate_series(1, 10)');
    let heard = 0;
    query.on('row', () => {
      heard += 1;
    });
    const failed = new Promise<Error>((resolve) => query.on('error', resolve));
    client.query(query);
    expect((await failed).message).toBe(how === 'fin' ? lost : 'read ECONNRESET');
    await fault.settled;
    expect(heard).toBe(wanted);
  });

  test('a result with fewer rows is cut before its end', async () => {
    const client = await stage.connected();
    const fault = stage.proxy.inject({
      kind: 'partialRows',
      rows: 5,
      at: { matches: 'returning' },
    });
    const sql = "insert into written values ('a') returning id";
    expect(await codeOf(client.query(sql))).toBe(lost);
    await fault.settled;
    expect(await stage.rows()).toEqual(['a']);
  });
});
