/** Texts: what a driver or server says is told apart from what a caller, or a value in the SQL, says. */
import { describe, expect, test } from '@jest/globals';
import { classify } from '../src/classify/classify.js';
import { cases } from './error-cases.js';
import {
  asKnex,
  databaseError,
  mappedServerError,
  prismaError,
  prismaWrapped,
  systemError,
} from './error-shapes.js';

const phrases = [...new Set(cases.flatMap(({ match }) => match.messageIncludes ?? []))].concat(
  'deadlock detected',
  'could not serialize access',
  'Query read timeout',
  'connect ECONNREFUSED 127.0.0.1:5432',
  'read ECONNRESET',
  'Connection terminated due to connection timeout',
);

/** An outage seen by nobody but the server: whatever the SQL holds, this is what it means. */
const lost = { kind: 'outage', outcome: 'unknown', connection: 'discard' };

describe.each(phrases)('%p', (phrase) => {
  const sql = [
    `select '${phrase}'`,
    `select ' - ${phrase}'`,
    `insert into "log" ("text") values ('x - ${phrase} - y')`,
    `/* ${phrase} */ update "t" set "a" = '${phrase}' -- ${phrase}`,
  ];

  test('in the SQL says nothing of a lost connection', () => {
    for (const statement of sql) {
      const closed = asKnex(new Error('Connection terminated unexpectedly'), statement);
      expect(classify(closed)).toMatchObject(lost);
      const reset = asKnex(systemError('ECONNRESET', 'read ECONNRESET', 'read'), statement);
      expect(classify(reset)).toMatchObject({ ...lost, code: 'ECONNRESET' });
    }
  });

  test('in the SQL says nothing of an error of the server', () => {
    for (const statement of sql) {
      const duplicate = databaseError('23505', 'duplicate key value violates "t_key"', 'ERROR');
      expect(classify(asKnex(duplicate, statement))).toMatchObject({
        kind: 'permanent',
        outcome: 'rolled-back',
        connection: 'keep',
      });
      for (const code of ['XX000', '08P01', '0A000', '25006', '55000', '57P03']) {
        const plain = classify(databaseError(code, 'words of the server', 'ERROR'));
        const misled = asKnex(databaseError(code, 'words of the server', 'ERROR'), statement);
        expect(classify(misled)).toEqual(plain);
      }
    }
  });

  test('in the SQL says nothing of an error that is not known', () => {
    for (const statement of sql) {
      const unknown = asKnex(new Error('something new'), statement);
      expect(classify(unknown)).toMatchObject({ kind: 'permanent', outcome: 'unknown' });
    }
  });

  test('in the words of somebody else is nobody’s', () => {
    const texts = [`while cooking: ${phrase}`, `${phrase} while cooking`, `upstream - ${phrase}`];
    // These begin as the driver's own do; what follows is not fixed.
    const open = [
      'SASL:',
      'COMMIT; - ',
      'Transaction rejected with non-error',
      'Undefined binding(s) detected',
    ];
    const openProxy = /compute node|active endpoints|endpoint ID|internal error/;
    for (const text of texts) {
      if (text.startsWith(phrase) && (open.includes(phrase) || openProxy.test(phrase))) continue;
      expect(classify(new Error(text))).toMatchObject({
        kind: 'permanent',
        outcome: 'unknown',
        connection: 'discard',
      });
    }
  });

  test('raised by a function in the database is the function’s', () => {
    expect(classify(databaseError('P0001', phrase, 'ERROR'))).toMatchObject({
      kind: 'permanent',
      outcome: 'rolled-back',
      connection: 'keep',
    });
    const raw = prismaWrapped('P2010', mappedServerError('P0001', phrase));
    expect(classify(raw)).toMatchObject({ kind: 'permanent', outcome: 'rolled-back' });
  });

  test('in the arguments that Prisma prints says nothing', () => {
    const message = `Invalid \`prisma.order.create()\` invocation:\n{ note: "${phrase}" }\n\n`;
    expect(classify(prismaError('P1017', message))).toMatchObject(lost);
    expect(classify(prismaError('EPIPE', message))).toMatchObject({ ...lost, code: 'EPIPE' });
    expect(classify(prismaError('P2002', message))).toMatchObject({
      kind: 'permanent',
      outcome: 'rolled-back',
    });
    const started = `${message}Transaction API error: Unable to start a transaction in the given time.`;
    expect(classify(prismaError('P2028', started))).toMatchObject({
      kind: 'overload',
      outcome: 'not-executed',
    });
  });
});

describe('codes are never read from a text', () => {
  test.each([
    '40001',
    'ECONNREFUSED',
    'P2034',
    'ENOTFOUND',
    '57P01',
    'connect ECONNREFUSED ::1:5432',
  ])('an error that only says %p', (text) => {
    expect(classify(new Error(text))).toMatchObject({ kind: 'permanent', outcome: 'unknown' });
  });

  test('ENOTFOUND of Supavisor is a wrong user name, and no failed DNS', () => {
    const error = databaseError('XX000', '(ENOTFOUND) tenant/user postgres.x not found', 'FATAL');
    expect(classify(error)).toMatchObject({ kind: 'permanent', outcome: 'not-executed' });
  });

  test('a code of five letters is not a SQLSTATE for that', () => {
    expect(classify(systemError('EPIPE', 'write EPIPE', 'write'))).toMatchObject(lost);
    for (const code of ['ABORT', 'RETRY', 'E2BIG', 'E1234', 'LIMIT']) {
      expect(classify(Object.assign(new Error('x'), { code }))).toMatchObject({
        kind: 'permanent',
        outcome: 'unknown',
        code,
      });
    }
  });
});
