/** Codes that no table lists: the rules hold for them, by class, by family and by the call that failed. */
import { describe, expect, test } from '@jest/globals';
import { classify } from '../src/classify/classify.js';
import { databaseError, driverAdapterError, prismaError, systemError } from './error-shapes.js';

describe('SQLSTATEs by class', () => {
  test.each([
    ['08', 'outage', 'unknown', 'discard'],
    ['22', 'permanent', 'rolled-back', 'keep'],
    ['23', 'permanent', 'rolled-back', 'keep'],
    ['25', 'permanent', 'rolled-back', 'keep'],
    ['26', 'stale', 'rolled-back', 'discard'],
    ['28', 'permanent', 'not-executed', 'keep'],
    ['3D', 'permanent', 'not-executed', 'keep'],
    ['40', 'contention', 'rolled-back', 'keep'],
    ['42', 'permanent', 'rolled-back', 'keep'],
    ['44', 'permanent', 'rolled-back', 'keep'],
    ['53', 'overload', 'rolled-back', 'keep'],
    ['54', 'permanent', 'rolled-back', 'keep'],
    ['55', 'permanent', 'rolled-back', 'keep'],
    ['57', 'permanent', 'rolled-back', 'keep'],
    ['58', 'overload', 'rolled-back', 'discard'],
    ['72', 'permanent', 'rolled-back', 'keep'],
    ['F0', 'permanent', 'not-executed', 'discard'],
    ['HV', 'permanent', 'rolled-back', 'keep'],
    ['P0', 'permanent', 'rolled-back', 'keep'],
    ['XX', 'permanent', 'rolled-back', 'discard'],
    ['ZZ', 'permanent', 'rolled-back', 'keep'],
  ])('%s9X9 is %s, %s, %s', (first, kind, outcome, connection) => {
    const code = `${first}9X9`;
    const expected = { kind, outcome, connection, code };
    expect(classify(databaseError(code, 'words', 'ERROR'))).toMatchObject(expected);
    expect(classify(databaseError(code, 'words'))).toMatchObject(expected);
  });

  test.each([
    ['57P09', 'outage', 'unknown', 'discard'],
    ['58P03', 'permanent', 'rolled-back', 'keep'],
    ['P0001', 'permanent', 'rolled-back', 'keep'],
    ['ZZ999', 'permanent', 'rolled-back', 'keep'],
    ['MINE!', 'permanent', 'unknown', 'discard'],
  ])('%s is %s, %s, %s', (code, kind, outcome, connection) => {
    expect(classify(databaseError(code, 'words', 'ERROR'))).toMatchObject({
      kind,
      outcome,
      connection,
    });
  });

  test.each(['ZZ999', '22999', '42999', '55999', '99999', 'XX999'])(
    'FATAL %s is permanent, unknown, and the connection goes',
    (code) => {
      const error = databaseError(code, 'words', 'FATAL');
      const expected = { kind: 'permanent', outcome: 'unknown', connection: 'discard' };
      expect(classify(error)).toMatchObject(expected);
      expect(classify(error, { phase: 'commit' })).toMatchObject(expected);
      expect(classify(error, { phase: 'connect' }).outcome).toBe('not-executed');
    },
  );

  test('a code of their own that looks like a Prisma code is a SQLSTATE with a severity beside it', () => {
    expect(classify(databaseError('P2034', 'words', 'ERROR'))).toMatchObject({
      kind: 'permanent',
      code: 'P2034',
    });
    expect(classify(prismaError('P2034', 'words')).kind).toBe('contention');
  });
});

describe('codes that the table of cases does not hold', () => {
  test.each([
    ['53300', 'FATAL', 'overload', 'not-executed'],
    ['53200', 'ERROR', 'overload', 'rolled-back'],
    ['53000', 'ERROR', 'overload', 'rolled-back'],
    ['57P03', 'FATAL', 'outage', 'not-executed'],
    ['57P04', 'FATAL', 'permanent', 'unknown'],
    ['42501', 'ERROR', 'permanent', 'rolled-back'],
    ['22001', 'ERROR', 'permanent', 'rolled-back'],
    ['23514', 'ERROR', 'permanent', 'rolled-back'],
    ['23P01', 'ERROR', 'permanent', 'rolled-back'],
  ])('%s %s is %s, %s', (code, severity, kind, outcome) => {
    expect(classify(databaseError(code, 'words', severity))).toMatchObject({ kind, outcome });
  });

  test.each([
    ['P1008', 'outage', 'unknown'],
    ['P1011', 'permanent', 'not-executed'],
    ['P1099', 'permanent', 'not-executed'],
    ['P2003', 'permanent', 'rolled-back'],
    ['P2024', 'overload', 'not-executed'],
    ['P2034', 'contention', 'rolled-back'],
    ['P2099', 'permanent', 'rolled-back'],
    ['P3005', 'permanent', 'unknown'],
    ['P5011', 'overload', 'not-executed'],
    ['P6009', 'permanent', 'unknown'],
  ])('%s is %s, %s', (code, kind, outcome) => {
    expect(classify(prismaError(code, 'words'))).toMatchObject({ kind, outcome, code });
  });

  test.each([
    ['SocketTimeout', 'outage', 'unknown'],
    ['TransactionWriteConflict', 'contention', 'rolled-back'],
    ['AuthenticationFailed', 'permanent', 'not-executed'],
    ['ValueOutOfRange', 'permanent', 'rolled-back'],
    ['GenericJs', 'permanent', 'unknown'],
    ['SomethingNew', 'permanent', 'unknown'],
  ])('the adapter kind %s is %s, %s', (kind, expected, outcome) => {
    expect(classify(driverAdapterError({ kind }))).toMatchObject({ kind: expected, outcome });
  });

  test.each([
    ['Connection terminated due to connection timeout', 'outage', 'not-executed'],
    ['Query read timeout', 'outage', 'unknown'],
    ['Connection terminated', 'permanent', 'unknown'],
  ])('%p is %s, %s', (text, kind, outcome) => {
    expect(classify(new Error(text))).toMatchObject({ kind, outcome });
  });
});

describe('Node codes', () => {
  test.each([
    ['ENOTFOUND', 'getaddrinfo', 'outage', 'not-executed'],
    ['ENOTFOUND', undefined, 'outage', 'not-executed'],
    ['EAI_AGAIN', 'getaddrinfo', 'outage', 'not-executed'],
    ['EAI_AGAIN', undefined, 'outage', 'not-executed'],
    ['EAI_NODATA', undefined, 'outage', 'not-executed'],
    ['ESERVFAIL', 'queryA', 'outage', 'not-executed'],
    ['EHOSTDOWN', 'connect', 'outage', 'not-executed'],
    ['ENEWCODE', 'connect', 'outage', 'not-executed'],
    ['EMFILE', 'connect', 'overload', 'not-executed'],
    ['EPERM', 'connect', 'permanent', 'not-executed'],
    ['ENEWCODE', 'read', 'outage', 'unknown'],
    ['ENEWCODE', 'write', 'outage', 'unknown'],
    ['ENOTCONN', undefined, 'outage', 'unknown'],
    ['ERR_STREAM_PREMATURE_CLOSE', undefined, 'outage', 'unknown'],
    ['ENOENT', 'open', 'permanent', 'unknown'],
    ['EACCES', 'open', 'permanent', 'unknown'],
    ['ENEWCODE', undefined, 'permanent', 'unknown'],
    ['ERR_INVALID_ARG_TYPE', undefined, 'permanent', 'unknown'],
    ['CERT_HAS_EXPIRED', undefined, 'permanent', 'not-executed'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 'permanent', 'not-executed'],
    ['UNABLE_TO_GET_CRL', undefined, 'permanent', 'not-executed'],
    ['ERR_TLS_CERT_SIGNATURE_ALGORITHM_UNSUPPORTED', undefined, 'permanent', 'not-executed'],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', undefined, 'permanent', 'unknown'],
  ])('%s of %s is %s, %s', (code, syscall, kind, outcome) => {
    const error = systemError(code, `${syscall} ${code}`, syscall);
    expect(classify(error)).toMatchObject({ kind, outcome, code });
  });
});
