/** Prisma hides the server's error in `meta`, drops its code, or throws it bare: what is left of it counts. */
import { describe, expect, test } from '@jest/globals';
import { classify } from '../src/classify/classify.js';
import {
  driverAdapterError,
  mappedServerError,
  prismaError,
  prismaWrapped,
} from './error-shapes.js';

const permanentUnknown = { kind: 'permanent', outcome: 'unknown', connection: 'discard' };

describe('Prisma', () => {
  const conflict = mappedServerError('40001', 'could not serialize access');

  test.each(['P2010', 'P2039'])('%s is what it wraps', (code) => {
    expect(classify(prismaWrapped(code, conflict))).toMatchObject({
      kind: 'contention',
      code: '40001',
    });
    const ended = mappedServerError('57P01', 'terminating connection', 'FATAL');
    expect(classify(prismaWrapped(code, ended))).toMatchObject({ kind: 'outage', code: '57P01' });
    const missing = mappedServerError('42601', 'syntax error');
    expect(classify(prismaWrapped(code, missing))).toMatchObject({
      kind: 'permanent',
      code: '42601',
    });
  });

  test('P2010 with a kind and no SQLSTATE is found by its Prisma code', () => {
    const error = prismaWrapped('P2010', { kind: 'DatabaseNotReachable', host: '127.0.0.1' });
    expect(classify(error)).toMatchObject({
      kind: 'outage',
      outcome: 'not-executed',
      code: 'P2010',
    });
  });

  test('P2034 and its bare form at COMMIT', () => {
    const mapped = { kind: 'TransactionWriteConflict', originalCode: '40P01' };
    expect(classify(prismaWrapped('P2034', mapped))).toMatchObject({
      kind: 'contention',
      code: '40P01',
    });
    expect(classify(prismaError('P2034', 'write conflict'))).toMatchObject({
      kind: 'contention',
      outcome: 'rolled-back',
      code: 'P2034',
    });
    const bare = driverAdapterError({ ...mapped, originalCode: '40001' });
    expect(classify(bare, { phase: 'commit' })).toMatchObject({
      kind: 'contention',
      outcome: 'rolled-back',
      code: '40001',
    });
    expect(classify(driverAdapterError({ kind: 'TransactionWriteConflict' })).code).toBe(
      'TransactionWriteConflict',
    );
  });

  test('an adapter error that lost its name on the way', () => {
    const meta = { driverAdapterError: { cause: conflict } };
    expect(classify(prismaError('P2010', 'Raw query failed', meta)).kind).toBe('contention');
  });

  test('P2010 of Prisma 6 and older', () => {
    const error = prismaError('P2010', 'Raw query failed', {
      code: '40P01',
      message: 'deadlock detected',
    });
    expect(classify(error)).toMatchObject({ kind: 'contention', code: '40P01' });
  });

  test('a SQLSTATE in the meta of anything else is somebody’s own', () => {
    const error = Object.assign(new Error('x'), { meta: { code: '40P01' } });
    expect(classify(error)).toMatchObject(permanentUnknown);
  });

  test('the calling code that it prints before its own words says nothing', () => {
    const note = 'Unable to start a transaction in the given time';
    const forgotten = `Invalid invocation:\n{ note: "${note}" }\n\nTransaction API error: Transaction not found.`;
    expect(classify(prismaError('P2028', forgotten))).toMatchObject({
      kind: 'permanent',
      outcome: 'unknown',
    });
    const tls = 'before secure TLS connection was established';
    expect(classify(prismaError('ECONNRESET', `Invalid invocation: ${tls}`))).toMatchObject({
      kind: 'outage',
      outcome: 'unknown',
    });
  });

  test('a client that could not start', () => {
    const error = Object.assign(new Error("Can't reach database server"), {
      name: 'PrismaClientInitializationError',
      errorCode: 'P1001',
    });
    expect(classify(error)).toMatchObject({
      kind: 'outage',
      outcome: 'not-executed',
      code: 'P1001',
    });
  });

  test('a TLS fault that may be a full server', () => {
    const reason = 'There was an error establishing an SSL connection';
    const error = prismaWrapped('P1011', { kind: 'TlsConnectionError', reason });
    expect(classify(error)).toMatchObject({ kind: 'outage', outcome: 'not-executed' });
  });

  test('an answer that could not be read says nothing of the statement, which did run', () => {
    const error = prismaError('P2023', "Value 'X' not found in enum 'Status'");
    expect(classify(error)).toMatchObject({ kind: 'permanent', outcome: 'unknown' });
    const type = prismaWrapped('P2010', { kind: 'UnsupportedNativeDataType', type: 'money' });
    expect(classify(type)).toMatchObject({ kind: 'permanent', outcome: 'unknown' });
  });

  test('a kind means something only in an adapter error', () => {
    const error = Object.assign(new Error('x'), { kind: 'DatabaseNotReachable' });
    expect(classify(error)).toMatchObject(permanentUnknown);
    expect(classify(new Error('x', { cause: { kind: 'DatabaseNotReachable' } }))).toMatchObject(
      permanentUnknown,
    );
  });
});
