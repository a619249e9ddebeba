/** The phase rules: one and the same error is three outcomes. */
import { describe, expect, test } from '@jest/globals';
import { classify, type FailureContext, type Phase } from '../src/classify/classify.js';
import {
  asKnex,
  databaseError,
  driverAdapterError,
  prismaError,
  prismaWrapped,
  systemError,
} from './error-shapes.js';

const lostConnections: Readonly<Record<string, () => Error>> = {
  'pg: FIN': () => new Error('Connection terminated unexpectedly'),
  'pg: RST': () => systemError('ECONNRESET', 'read ECONNRESET', 'read'),
  'pg: EPIPE': () => systemError('EPIPE', 'write EPIPE', 'write'),
  'pg: query_timeout': () => new Error('Query read timeout'),
  'pg: session ended': () => databaseError('57P01', 'terminating connection', 'FATAL'),
  'pg: session ended, in Russian': () => databaseError('57P01', 'закрытие подключения', 'ВАЖНО'),
  'pg: crash': () => databaseError('57P02', 'terminating connection', 'FATAL'),
  'pgbouncer: server gone': () => databaseError('08P01', 'server conn crashed?', 'FATAL'),
  'knex: FIN': () => asKnex(new Error('Connection terminated unexpectedly')),
  'knex: RST': () => asKnex(systemError('ECONNRESET', 'read ECONNRESET', 'read')),
  'prisma: RST': () => prismaWrapped('P1017', { kind: 'ConnectionClosed' }),
  'prisma: RST in a raw query': () => prismaWrapped('P2010', { kind: 'ConnectionClosed' }),
  'prisma: RST at COMMIT': () => driverAdapterError({ kind: 'ConnectionClosed' }),
  'prisma: ETIMEDOUT': () => prismaWrapped('P1008', { kind: 'SocketTimeout' }),
  'prisma: old engine, no meta': () => prismaError('P1017', 'Server has closed the connection.'),
  'carom: the attempt clock': () =>
    Object.assign(new Error('the attempt took longer'), { code: 'CAROM_TIMEOUT' }),
};

describe.each(Object.entries(lostConnections))('a lost connection (%s)', (_name, build) => {
  test.each<Phase>(['acquire', 'connect', 'begin'])('while in %s: nothing was sent', (phase) => {
    expect(classify(build(), { phase }).outcome).toBe('not-executed');
  });

  test('in an autocommit statement: nobody can tell', () => {
    expect(classify(build()).outcome).toBe('unknown');
    expect(classify(build(), { phase: 'statement' }).outcome).toBe('unknown');
  });

  test('in a transaction whose COMMIT was not sent: undone, however the socket died', () => {
    expect(classify(build(), { phase: 'statement', inTransaction: true }).outcome).toBe(
      'rolled-back',
    );
  });

  test('in COMMIT: nobody can tell, in a transaction or not', () => {
    expect(classify(build(), { phase: 'commit' }).outcome).toBe('unknown');
    expect(classify(build(), { phase: 'commit', inTransaction: true }).outcome).toBe('unknown');
  });

  test('in ROLLBACK: undone', () => {
    expect(classify(build(), { phase: 'rollback' }).outcome).toBe('rolled-back');
  });

  test('in a statement that commits by itself: nobody can tell, even in a transaction', () => {
    const context: FailureContext = { commitsItself: true, inTransaction: true };
    expect(classify(build(), context).outcome).toBe('unknown');
  });

  test('is an outage, and the connection goes, in every phase', () => {
    const phases = ['acquire', 'connect', 'begin', 'statement', 'commit', 'rollback'] as const;
    for (const phase of phases) {
      expect(classify(build(), { phase })).toMatchObject({ kind: 'outage', connection: 'discard' });
    }
  });
});

describe('an ERROR of the server', () => {
  const serialization = () => databaseError('40001', 'could not serialize access', 'ERROR');

  test.each<FailureContext>([
    {},
    { inTransaction: true },
    { phase: 'commit' },
    { phase: 'commit', inTransaction: true },
    { phase: 'rollback' },
  ])('is rolled back in %j', (context) => {
    expect(classify(serialization(), context).outcome).toBe('rolled-back');
    const duplicate = databaseError('23505', 'duplicate key value', 'ERROR');
    expect(classify(duplicate, context)).toMatchObject({
      kind: 'permanent',
      outcome: 'rolled-back',
    });
  });

  test.each(['40003', '08007'])('%s is unknown, in a transaction too', (code) => {
    for (const severity of ['ERROR', 'FATAL', undefined]) {
      const error = databaseError(code, 'result is ambiguous', severity);
      for (const context of [{}, { inTransaction: true }, { phase: 'commit' as const }]) {
        expect(classify(error, context)).toMatchObject({ kind: 'outage', outcome: 'unknown' });
      }
    }
  });

  test('of a statement that commits by itself is unknown, whatever its code', () => {
    for (const code of ['23505', '42601', '40P01', '55P03', 'ZZ999', '28000', '08001']) {
      const error = databaseError(code, 'words', 'ERROR');
      expect(classify(error, { commitsItself: true }).outcome).toBe('unknown');
    }
  });

  test('keeps the connection, except in ROLLBACK', () => {
    expect(classify(serialization()).connection).toBe('keep');
    expect(classify(serialization(), { phase: 'rollback' }).connection).toBe('discard');
  });
});

describe('a statement that commits by itself', () => {
  test.each([
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('timeout exceeded when trying to connect'),
    systemError('ECONNREFUSED', 'connect ECONNREFUSED', 'connect'),
    databaseError('53300', 'sorry, too many clients already', 'FATAL'),
    databaseError('08P01', 'query_wait_timeout', 'FATAL'),
  ])('is not executed where it surely was not sent: %s', (error) => {
    expect(classify(error, { commitsItself: true }).outcome).toBe('not-executed');
  });
});

describe('FATAL and PANIC', () => {
  test.each(['FATAL', 'PANIC', 'PANIK', 'FATALE', 'ВАЖНО', '致命错误', 'no known word'])(
    '%s on a code that is an ERROR elsewhere: the session may have died inside its commit',
    (severity) => {
      const error = databaseError('XX001', 'could not read block', severity);
      expect(classify(error)).toMatchObject({ outcome: 'unknown', connection: 'discard' });
      expect(classify(error, { phase: 'commit' }).outcome).toBe('unknown');
      expect(classify(error, { inTransaction: true }).outcome).toBe('rolled-back');
      const memory = databaseError('53200', 'out of memory', severity);
      expect(classify(memory)).toMatchObject({ kind: 'overload', connection: 'discard' });
    },
  );

  test.each(['ERROR', 'error', 'FEHLER', 'ERREUR', 'ОШИБКА', '错误', '오류', 'შეცდომა'])(
    '%s is no more than an ERROR',
    (severity) => {
      const error = databaseError('53200', 'out of memory', severity);
      expect(classify(error)).toMatchObject({ outcome: 'rolled-back', connection: 'keep' });
    },
  );

  test('a WAL write that panics during a commit is unknown, and an ERROR of the same code is not', () => {
    expect(classify(databaseError('58030', 'could not write', 'PANIC')).outcome).toBe('unknown');
    expect(classify(databaseError('58030', 'could not read', 'ERROR')).outcome).toBe('rolled-back');
  });

  test('a pooler that forgot a statement ends the session: undone, but not as the answer to COMMIT', () => {
    const error = databaseError('26000', '(EPREPAREDNOTFOUND) prepared statement', 'FATAL');
    expect(classify(error)).toMatchObject({ kind: 'stale', outcome: 'rolled-back' });
    expect(classify(error, { phase: 'commit' }).outcome).toBe('unknown');
  });

  test('a refused login keeps what the table says of it', () => {
    const error = databaseError('28P01', 'password authentication failed', 'FATAL');
    expect(classify(error)).toMatchObject({ kind: 'permanent', outcome: 'not-executed' });
  });
});

describe('what only the caller knows', () => {
  const readOnly = () =>
    databaseError('25006', 'cannot execute INSERT in a read-only transaction', 'ERROR');

  test('a clock ran out while every connection of the pool was at work: that says nothing about the server', () => {
    const late = Object.assign(new Error('the shot took longer'), { code: 'CAROM_TIMEOUT' });
    const context = { phase: 'acquire' } as const;
    expect(classify(late, context)).toMatchObject({ kind: 'outage', outcome: 'not-executed' });
    expect(classify(late, { ...context, poolBusy: true })).toMatchObject({
      kind: 'overload',
      outcome: 'not-executed',
      connection: 'keep',
    });
  });

  test('25006 drains the pool, unless the session was meant to be read-only', () => {
    expect(classify(readOnly())).toMatchObject({ kind: 'outage', connection: 'drain' });
    const intended = classify(readOnly(), { readOnlyIntended: true });
    expect(intended).toMatchObject({ kind: 'permanent', connection: 'keep' });
  });

  test('a standby is the wrong server, whatever the session was meant for', () => {
    const error = databaseError('25006', 'cannot execute INSERT during recovery', 'ERROR');
    expect(classify(error, { readOnlyIntended: true })).toMatchObject({
      kind: 'outage',
      connection: 'drain',
    });
  });

  test.each([
    databaseError('23505', 'duplicate key value', 'ERROR'),
    databaseError('23P01', 'conflicting key value', 'ERROR'),
    databaseError('42P07', 'relation already exists', 'ERROR'),
    prismaError('P2002', 'Unique constraint failed'),
    prismaWrapped('P2002', { kind: 'UniqueConstraintViolation', originalCode: '23505' }),
    driverAdapterError({ kind: 'UniqueConstraintViolation' }),
  ])('after an unknown attempt it may be our own row: %s', (error) => {
    expect(classify(error).outcome).toBe('rolled-back');
    for (const context of [{}, { inTransaction: true }, { phase: 'commit' as const }]) {
      const verdict = classify(error, { ...context, afterUnknown: true });
      expect(verdict).toMatchObject({ kind: 'permanent', outcome: 'unknown' });
    }
  });

  test('after an unknown attempt a foreign key is still a foreign key', () => {
    const error = databaseError('23503', 'violates foreign key constraint', 'ERROR');
    expect(classify(error, { afterUnknown: true }).outcome).toBe('rolled-back');
  });

  test('a COMMIT in the words of Knex counts, where the phase was not kept up', () => {
    const error = () => asKnex(new Error('Connection terminated unexpectedly'), 'COMMIT;');
    expect(classify(error(), { inTransaction: true }).outcome).toBe('unknown');
    const ended = asKnex(databaseError('57P01', 'terminating connection', 'FATAL'), 'COMMIT;');
    expect(classify(ended, { inTransaction: true }).outcome).toBe('unknown');
    const rollback = asKnex(new Error('Connection terminated unexpectedly'), 'ROLLBACK');
    expect(classify(rollback, { inTransaction: true }).outcome).toBe('rolled-back');
  });
});

describe('the errors that Carom makes', () => {
  const carom = (code: string) => Object.assign(new Error('refused'), { code });

  test('an open cushion and a full compartment sent nothing', () => {
    expect(classify(carom('CAROM_CIRCUIT_OPEN'))).toMatchObject({
      kind: 'outage',
      outcome: 'not-executed',
      connection: 'keep',
      code: 'CAROM_CIRCUIT_OPEN',
    });
    expect(classify(carom('CAROM_COMPARTMENT_FULL')).kind).toBe('overload');
  });

  test('an unknown outcome stays unknown, and is not bounced', () => {
    const verdict = classify(carom('CAROM_OUTCOME_UNKNOWN'), { inTransaction: true });
    expect(verdict).toMatchObject({ kind: 'permanent', outcome: 'unknown' });
  });

  test('what it wraps does not speak for it', () => {
    const cause = systemError('ECONNREFUSED', 'connect ECONNREFUSED', 'connect');
    const error = Object.assign(new Error('x', { cause }), { code: 'CAROM_OUTCOME_UNKNOWN' });
    expect(classify(error).outcome).toBe('unknown');
  });
});

describe('the reason', () => {
  test('is one line that names the phase where the phase decides', () => {
    const lost = new Error('Connection terminated unexpectedly');
    const reasons = (['connect', 'statement', 'commit'] as const).map(
      (phase) => classify(lost, { phase, inTransaction: true }).reason,
    );
    expect(new Set(reasons).size).toBe(3);
    expect(reasons.join()).not.toContain('\n');
    expect(reasons[1]).toContain('COMMIT was not sent');
  });

  test('holds nothing of the message, which may hold values', () => {
    const error = asKnex(databaseError('23505', 'Key (email)=(a@b.c) already exists', 'ERROR'));
    expect(JSON.stringify(classify(error))).not.toContain('a@b.c');
  });
});
