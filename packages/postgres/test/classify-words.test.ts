/** The words of drivers, poolers and servers as they really come, with what stands around the fixed part. */
import { describe, expect, test } from '@jest/globals';
import { classify } from '../src/classify/classify.js';
import { asKnex, databaseError, systemError } from './error-shapes.js';

const lost = { kind: 'outage', outcome: 'unknown', connection: 'discard' };

describe('the words of the driver', () => {
  test.each([
    'Received unexpected commandComplete message from backend.',
    'received invalid response: 4f',
  ])('%p: out of step', (text) => {
    expect(classify(new Error(text))).toMatchObject({ outcome: 'unknown', connection: 'discard' });
  });

  test.each([
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
    'Client has already been connected. You cannot reuse a client.',
    'Release called on client which has already been released to the pool.',
    'A query must have either text or a name. Supplying neither is unsupported.',
    "Prepared statements must be unique - 'find' was used for a different statement",
    'The `rows` option is not supported in pipeline mode',
    'Undefined binding(s) detected when compiling SELECT. Undefined column(s): [id] query: select 1',
    'Transaction query already complete, run with DEBUG=knex:tx for more info',
    'aborted',
  ])('%p: nothing was sent', (text) => {
    expect(classify(new Error(text))).toMatchObject({ kind: 'permanent', outcome: 'not-executed' });
  });

  test('words that hold the separator of Knex themselves', () => {
    const words = "Prepared statements must be unique - 'find' was used for a different statement";
    expect(classify(asKnex(new Error(words)))).toMatchObject({
      kind: 'permanent',
      outcome: 'not-executed',
    });
    const full =
      '(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 2';
    expect(classify(databaseError('XX000', full, 'FATAL'))).toMatchObject({
      kind: 'overload',
      outcome: 'not-executed',
    });
  });

  test('"aborted" behind SQL is not the pool’s', () => {
    expect(classify(asKnex(new Error('aborted')))).toMatchObject({
      kind: 'permanent',
      outcome: 'unknown',
    });
  });

  test('SQL with comments, brackets and line breaks before its verb is SQL all the same', () => {
    for (const sql of [
      '\n  select 1',
      '-- note\nselect 1',
      '/* a * b */ (select 1)',
      '((values (1)))',
    ]) {
      const error = asKnex(new Error('Connection terminated unexpectedly'), sql);
      expect(classify(error)).toMatchObject(lost);
    }
  });

  test('telling SQL from words takes no time that grows with a power of its length', () => {
    const sql = `${'/**/'.repeat(50_000)}${'/*'.repeat(50_000)}${'(-- \n'.repeat(50_000)}`;
    expect(classify(new Error(`${sql} - Connection terminated unexpectedly`)).kind).toBe(
      'permanent',
    );
  });
});

describe('a cancel request of Knex that failed', () => {
  const words = 'After query timeout of 50ms exceeded, cancelling of query failed.';

  test.each([
    systemError('ECONNREFUSED', words, 'connect'),
    systemError('EHOSTUNREACH', words, 'connect'),
    databaseError('53300', words, 'FATAL'),
    databaseError('57P03', words, 'FATAL'),
  ])('has the code of the cancel request, and the statement may be at work: %s', (error) => {
    expect(classify(error)).toMatchObject({ kind: 'permanent', outcome: 'unknown' });
  });
});

describe('a server error under another name', () => {
  test('dblink and postgres_fdw: this session lives', () => {
    const error = Object.assign(databaseError('08001', 'could not connect to server', 'ERROR'), {
      routine: 'connect_pg_server',
    });
    expect(classify(error)).toMatchObject({
      kind: 'outage',
      outcome: 'rolled-back',
      connection: 'keep',
    });
  });

  test('a cached plan in any language', () => {
    const words = 'zwischengespeicherter Plan darf den Ergebnistyp nicht ändern';
    const error = Object.assign(databaseError('0A000', words, 'FEHLER'), {
      routine: 'RevalidateCachedQuery',
    });
    expect(classify(error)).toMatchObject({ kind: 'stale', connection: 'discard' });
  });

  test('pgbouncer repeats why it cannot log in: a bad password stays bad', () => {
    const of = (cause: string) =>
      databaseError(
        '08P01',
        `server login has been failing, cached error: ${cause} (server_login_retry)`,
        'FATAL',
      );
    expect(classify(of('connect failed')).kind).toBe('overload');
    expect(classify(of('password authentication failed for user "app"')).kind).toBe('permanent');
  });

  test('an unknown FATAL 08P01 is not rolled back', () => {
    expect(classify(databaseError('08P01', 'something new', 'FATAL')).outcome).toBe('unknown');
    expect(
      classify(databaseError('08P01', 'bind message supplies 1 parameters', 'ERROR')).outcome,
    ).toBe('rolled-back');
  });
});
