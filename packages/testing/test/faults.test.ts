/** The queue of faults: what sets which one off. */
import { describe, expect, test } from '@jest/globals';
import { FaultQueue } from '../src/proxy/fault-queue.js';
import type { Fault, Trigger } from '../src/proxy/faults.js';
import { transactionCommands } from '../src/proxy/sql.js';
import type { ClientEvent } from '../src/proxy/statements.js';
import { triggers } from '../src/proxy/triggers.js';

const statement = (sql: string): ClientEvent => ({
  kind: 'statement',
  sql,
  commands: transactionCommands(sql),
});

const firing = { connection: 1, sql: undefined };

describe('triggers', () => {
  const global = /INSERT/gi;
  test.each<readonly [Trigger, ClientEvent, boolean]>([
    ['connect', { kind: 'connect' }, true],
    ['connect', statement('select'), false],
    ['cancel', { kind: 'cancel' }, true],
    ['statement', statement('select'), true],
    ['statement', { kind: 'connect' }, false],
    ['COMMIT', statement('/* x */ end;'), true],
    ['COMMIT', statement('begin; commit'), true],
    ['COMMIT', statement('rollback'), false],
    ['ROLLBACK', statement('abort'), true],
    [{ matches: 'into t' }, statement('insert into t'), true],
    [{ matches: 'INTO t' }, statement('insert into t'), false],
    [{ matches: global }, statement('insert into t'), true],
    // A global expression remembers where it was; a trigger must not.
    [{ matches: global }, statement('insert into t'), true],
    [{ query: 2 }, statement('select'), true],
    [{ query: 3 }, statement('select'), false],
    [{ query: 1 }, { kind: 'cancel' }, false],
  ])('%j at %j: %s', (at, event, expected) => {
    expect(triggers(at, event, 2)).toBe(expected);
  });
});

describe('the queue', () => {
  const cut = (at: Trigger, times: number = 1): Fault => ({
    kind: 'cut',
    when: 'before',
    at,
    times,
  });

  test('the first that an event sets off takes it; each fires as often as told', async () => {
    const queue = new FaultQueue();
    const first = queue.inject(cut('COMMIT', 2));
    const second = queue.inject(cut('statement'));
    const fire = (sql: string): Fault | undefined => {
      const fired = queue.take(statement(sql), { connection: 3, sql });
      fired?.fired();
      fired?.settled();
      return fired?.fault;
    };
    expect(fire('commit')).toMatchObject({ at: 'COMMIT' });
    expect(fire('select 1')).toMatchObject({ at: 'statement' });
    expect(fire('select 1')).toBeUndefined();
    expect(fire('commit')).toMatchObject({ at: 'COMMIT' });
    expect(fire('commit')).toBeUndefined();
    expect([first.count, second.count]).toEqual([2, 1]);
    expect(await first.fired).toEqual({ connection: 3, sql: 'commit' });
    await second.settled;
  });

  test('statements count from the injection, whichever fault they set off', () => {
    const queue = new FaultQueue();
    queue.take(statement('select'), firing);
    queue.inject(cut('statement'));
    queue.inject(cut({ query: 2 }));
    expect(queue.take(statement('select'), firing)?.fault.at).toBe('statement');
    expect(queue.take(statement('select'), firing)?.fault.at).toEqual({ query: 2 });
  });

  test('settled waits for the last of several', async () => {
    const queue = new FaultQueue();
    const fault = queue.inject(cut('statement', 2));
    const [one, two] = [
      queue.take(statement('select'), firing),
      queue.take(statement('select'), firing),
    ];
    const order: string[] = [];
    const settled = fault.settled.then(() => order.push('settled'));
    one?.settled();
    await new Promise(setImmediate);
    order.push('second');
    two?.settled();
    await settled;
    expect(order).toEqual(['second', 'settled']);
  });

  test.each([
    [{ kind: 'cut', at: 'COMMIT' }, 'when'],
    [{ kind: 'cut', when: 'before' }, 'at'],
    [{ kind: 'cut', when: 'before', at: 'COMMIT', how: 'RST' }, 'how'],
    [{ kind: 'cut', when: 'before', at: 'COMMIT', times: 0 }, 'times'],
    [{ kind: 'cut', when: 'before', at: { query: 0 } }, 'at'],
    [{ kind: 'cut', when: 'before', at: { matches: 7 } }, 'at'],
    [{ kind: 'partialRows', at: 'statement', rows: -1 }, 'rows'],
    [{ kind: 'partialRows', at: 'statement' }, 'rows'],
    [{ kind: 'delay', at: 'statement' }, 'ms'],
    [{ kind: 'stall', at: 'COMMIT', ms: 5 }, 'ms'],
    [{ kind: 'toString', at: 'COMMIT' }, 'kind'],
  ])('refuses %j by the name of what is wrong', (fault, option) => {
    const inject = (): unknown => new FaultQueue().inject(fault as unknown as Fault);
    expect(inject).toThrow(expect.objectContaining({ code: 'CAROM_INVALID_OPTION', option }));
  });
});
