import { describe, expect, test } from '@jest/globals';
import { AttemptLog } from '../../src/unit/attempt-log.js';

const lost = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

describe('the log of an attempt', () => {
  test.each([
    ['acquire', false, 'not-executed'],
    ['begin', true, 'not-executed'],
    ['statement', true, 'rolled-back'],
    ['statement', false, 'unknown'],
    ['commit', true, 'unknown'],
  ] as const)(
    'a connection lost in phase %s (in a transaction: %s) is %s',
    (phase, inside, outcome) => {
      const log = new AttemptLog(inside);
      log.phase = phase;
      expect(log.verdict(lost())).toMatchObject({ kind: 'outage', outcome, connection: 'discard' });
    },
  );

  test('an abandoned attempt is judged by how far it had got then, not by what it does later', () => {
    const log = new AttemptLog(true);
    log.phase = 'statement';
    log.abandon();
    log.phase = 'commit';
    expect(log.verdict(lost()).outcome).toBe('rolled-back');
    expect(log.abandoned).toBe(true);
  });

  test('a first verdict on `undefined` is a verdict', () => {
    expect(new AttemptLog(false).verdict(undefined)).toMatchObject({ kind: 'permanent' });
  });

  test('killed by FATAL 57P01: undone only where no CommandComplete was seen', () => {
    const killed = Object.assign(new Error('terminating connection'), {
      code: '57P01',
      severity: 'FATAL',
    });
    const outcome = (completed: boolean | undefined): string => {
      const log = new AttemptLog(false);
      log.phase = 'statement';
      log.completed = completed;
      return log.verdict(killed).outcome;
    };
    expect([outcome(false), outcome(true), outcome(undefined)]).toEqual([
      'rolled-back',
      'unknown',
      'unknown',
    ]);
  });

  test('a statement that commits by itself is asked about only once it has failed after sending', () => {
    let asked = 0;
    const refusal = (): string => {
      asked += 1;
      return 'CALL commits by itself';
    };
    const log = new AttemptLog(false, { refusal });
    const contention = Object.assign(new Error('no'), { code: '40001', severity: 'ERROR' });
    log.phase = 'acquire';
    log.verdict(lost());
    expect(asked).toBe(0);
    log.phase = 'statement';
    expect(log.verdict(contention).outcome).toBe('unknown');
    expect(log.escape).toBe('CALL commits by itself');
  });

  test('transaction control by the callback is an escape; a savepoint is not', () => {
    const log = new AttemptLog(true);
    log.send('SAVEPOINT one');
    log.send('ROLLBACK TO SAVEPOINT one');
    expect(log.escape).toBeUndefined();
    log.send('insert into t values (1); commit');
    expect(log.escape).toMatch(/COMMIT/);
  });

  test('it knows the errors of its handle, and those that wrap them, without running in circles', () => {
    const log = new AttemptLog(true);
    const seen = lost();
    log.note(seen);
    expect(log.saw(seen)).toBe(true);
    expect(log.saw(new Error('wrapped', { cause: new Error('twice', { cause: seen }) }))).toBe(
      true,
    );
    expect(log.saw(lost())).toBe(false);
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(log.saw(circle)).toBe(false);
    expect(log.firstSeen).toBe(seen);
  });

  test('read-only as long as all that was sent is a read beyond doubt', () => {
    const log = new AttemptLog(true);
    expect(log.readOnly).toBe(true);
    log.send('select 1');
    expect(log.readOnly).toBe(true);
    log.send("select nextval('s')");
    expect(log.readOnly).toBe(false);
    const opaque = new AttemptLog(true);
    opaque.send(undefined);
    expect(opaque.readOnly).toBe(false);
  });

  test.each([
    'set transaction read write',
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ /* and */ WRITE',
    'set local transaction_read_only = off',
    'SET "transaction_read_only" TO off',
    "select set_config('transaction_read_only', 'off', true)",
    'do $$ begin set transaction read write; end $$',
    'notify jobs',
    "select pg_notify('jobs', '')",
    "select dblink_exec('', '')",
    "select pg_logical_emit_message(false, 'a', 'b')",
    'select pg_logical_emit_message(true, $1, $2)',
    "copy t to program 'mail'",
    'COPY (SELECT 1)\nTO PROGRAM $1',
    'select lo_create(0)',
    "select lo_put(1, 0, '')",
    "select lo_export(1, '/tmp/a')",
    'select lowrite(1, $1)',
    "select * from pg_logical_slot_get_changes('s', null, null)",
    "select pg_create_physical_replication_slot('s')",
    "select pg_drop_replication_slot('s')",
  ])('it does something even where it is READ ONLY: %s', (sql) => {
    const told: boolean[] = [];
    const log = new AttemptLog(true, { reachedOut: () => told.push(log.reachesOut) });
    log.send('select 1');
    expect([log.reachesOut, told]).toEqual([false, []]);
    log.send(sql);
    expect([log.reachesOut, told]).toEqual([true, [true]]);
  });

  test.each([
    'select read from books',
    'set transaction isolation level repeatable read',
    'set transaction read only',
    "select set_config('app.tenant', $1, true)",
    "select pg_catalog.set_config ( 'work_mem' , '8MB', true)",
    'select pg_logical_slot_peek from lo_prices where programs > 1',
    'copy t to stdout',
    'select lo_get(1)',
  ])('it does nothing where it is READ ONLY: %s', (sql) => {
    const log = new AttemptLog(true, { reachedOut: () => {} });
    log.send(sql);
    expect(log.reachesOut).toBe(false);
  });

  test("the caller's own classification comes first, and may have no opinion", () => {
    const verdict = {
      kind: 'permanent',
      outcome: 'not-executed',
      connection: 'keep',
      reason: 'ours',
    } as const;
    const mine = (error: unknown) => ((error as Error).message === 'ours' ? verdict : undefined);
    const log = new AttemptLog(false, { classify: mine });
    expect(log.verdict(new Error('ours'))).toBe(verdict);
    expect(log.verdict(lost()).kind).toBe('outage');
  });
});
