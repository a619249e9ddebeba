/** The walk through an error: whatever was thrown, and whatever it holds, there is a verdict. */
import { describe, expect, test } from '@jest/globals';
import { classify } from '../src/classify/classify.js';
import { databaseError, driverAdapterError, prismaError, systemError } from './error-shapes.js';

const permanentUnknown = { kind: 'permanent', outcome: 'unknown', connection: 'discard' };

describe('what is no error', () => {
  test.each([
    undefined,
    null,
    0,
    '',
    'Connection terminated unexpectedly',
    true,
    10n,
    Symbol('x'),
    () => 1,
    {},
    [],
    Object.create(null),
    new Date(0),
    new TypeError("Cannot read properties of undefined (reading 'id')"),
    new Error('no'),
  ])('%p is permanent and unknown', (thrown) => {
    expect(classify(thrown)).toMatchObject(permanentUnknown);
    expect(classify(thrown)).not.toHaveProperty('code');
    expect(classify(thrown, { inTransaction: true }).outcome).toBe('rolled-back');
    expect(classify(thrown, { phase: 'commit' }).outcome).toBe('unknown');
    expect(classify(thrown, { phase: 'acquire' }).outcome).toBe('not-executed');
  });
});

describe('hostile objects', () => {
  test('a getter that throws is as good as nothing there', () => {
    const error = Object.defineProperty(databaseError('40001', 'x'), 'message', {
      get: () => {
        throw new Error('no message for you');
      },
    });
    expect(classify(error)).toMatchObject({ kind: 'contention', outcome: 'rolled-back' });
  });

  test('a proxy that throws on everything, and a revoked one', () => {
    const refuse = () => {
      throw new Error('no');
    };
    const handler = { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse };
    expect(classify(new Proxy({}, handler))).toMatchObject(permanentUnknown);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(classify(proxy)).toMatchObject(permanentUnknown);
    expect(classify({ cause: proxy, errors: proxy, meta: proxy })).toMatchObject(permanentUnknown);
  });

  test('a list that lies about its length or breaks when read', () => {
    const lying = new Proxy([], {
      get: (target, key) => (key === 'length' ? 2 ** 32 : Reflect.get(target, key)),
    });
    expect(classify({ errors: lying })).toMatchObject(permanentUnknown);
    const broken = new Proxy([new Error('x')], {
      get: (target, key) => {
        if (key === '0') throw new Error('no');
        return Reflect.get(target, key);
      },
    });
    expect(classify({ errors: broken })).toMatchObject(permanentUnknown);
  });

  test('frozen, and without a prototype', () => {
    const bare = Object.assign(Object.create(null), { code: '40P01', severity: 'ERROR' });
    expect(classify(Object.freeze(bare))).toMatchObject({ kind: 'contention', code: '40P01' });
  });

  test('codes that are names of Object.prototype', () => {
    for (const code of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(classify(Object.assign(new Error('x'), { code }))).toMatchObject(permanentUnknown);
      expect(classify(driverAdapterError({ kind: code }))).toMatchObject(permanentUnknown);
    }
  });

  test('fields of the wrong type', () => {
    const fields = {
      code: 40001,
      severity: {},
      message: 7,
      name: [],
      meta: 'x',
      errors: 'y',
      cause: 1,
    };
    expect(classify(fields)).toMatchObject(permanentUnknown);
  });
});

describe('chains', () => {
  test('a cycle ends', () => {
    const error = new Error('a');
    const other = new Error('b', { cause: error });
    Object.assign(error, { cause: other, original: error, errors: [error, other] });
    expect(classify(error)).toMatchObject(permanentUnknown);
    Object.assign(other, { code: '40001' });
    expect(classify(error).kind).toBe('contention');
  });

  test('a chain that grows while it is read ends', () => {
    let read = 0;
    const grow = (): object => ({
      get cause() {
        read += 1;
        return grow();
      },
    });
    expect(classify(grow())).toMatchObject(permanentUnknown);
    expect(read).toBeLessThan(1_000);
  });

  test('the cause of a cause of a cause counts', () => {
    const deep = ['c', 'b', 'a'].reduce<Error>(
      (cause, message) => new Error(message, { cause }),
      databaseError('40P01', 'deadlock detected', 'ERROR'),
    );
    expect(classify(deep)).toMatchObject({ kind: 'contention', code: '40P01' });
  });

  test.each(['cause', 'original', 'parent', 'driverError'])('%s is looked into', (key) => {
    const error = Object.assign(new Error('x'), { [key]: databaseError('55P03', 'lock', 'ERROR') });
    expect(classify(error).code).toBe('55P03');
  });

  test('the outer error speaks where it can: a connect timeout is not what its cause says', () => {
    const cause = new Error('Connection terminated unexpectedly');
    const error = new Error('Connection terminated due to connection timeout', { cause });
    expect(classify(error)).toMatchObject({ kind: 'outage', outcome: 'not-executed' });
    const wrapped = new Error('could not save', { cause: error });
    expect(classify(wrapped)).toMatchObject({ kind: 'outage', outcome: 'not-executed' });
  });

  test('an acquire timeout of Knex is not what tarn says of it', () => {
    const error = Object.assign(
      new Error(
        'Knex: Timeout acquiring a connection. The pool is probably full. ' +
          'Are you missing a .transacting(trx) call?',
        { cause: new Error('operation timed out for an unknown reason') },
      ),
      { name: 'KnexTimeoutError' },
    );
    expect(classify(error)).toMatchObject({
      kind: 'overload',
      outcome: 'not-executed',
      connection: 'keep',
      code: 'KnexTimeoutError',
    });
  });
});

describe('gathered errors', () => {
  const refusedAt = (address: string) =>
    systemError('ECONNREFUSED', `connect ECONNREFUSED ${address}`, 'connect');

  test('a host with two addresses, both refused: Node gives the code and no message', () => {
    const error = new AggregateError([refusedAt('::1:5432'), refusedAt('127.0.0.1:5432')], '');
    Object.assign(error, { code: 'ECONNREFUSED' });
    const expected = { kind: 'outage', outcome: 'not-executed', code: 'ECONNREFUSED' };
    expect(classify(error)).toMatchObject(expected);
    expect(classify(prismaError('ECONNREFUSED', ''))).toMatchObject(expected);
  });

  test('a code that means less without its call takes the call that all of them share', () => {
    const build = (syscall: string) =>
      Object.assign(
        new AggregateError([
          systemError('ETIMEDOUT', '', 'connect'),
          systemError('ENETUNREACH', '', syscall),
        ]),
        { code: 'ETIMEDOUT' },
      );
    expect(classify(build('connect')).outcome).toBe('not-executed');
    expect(classify(build('read')).outcome).toBe('unknown');
  });

  test('without a code, the one that promises least speaks', () => {
    const reset = systemError('ECONNRESET', 'read ECONNRESET', 'read');
    const of = (...errors: unknown[]) => classify(new AggregateError(errors));
    expect(of(refusedAt('a'), refusedAt('b'))).toMatchObject({
      kind: 'outage',
      outcome: 'not-executed',
    });
    expect(of(refusedAt('a'), reset).outcome).toBe('unknown');
    expect(of(reset, refusedAt('a')).outcome).toBe('unknown');
    expect(of(refusedAt('a'), new Error('what?'))).toMatchObject({
      kind: 'permanent',
      outcome: 'unknown',
    });
    expect(of()).toMatchObject(permanentUnknown);
  });
});

describe('the caller', () => {
  test.each([
    new DOMException('This operation was aborted', 'AbortError'),
    new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
    Object.assign(new Error('The operation was aborted'), {
      name: 'AbortError',
      code: 'ABORT_ERR',
    }),
  ])('took it back: %s', (error) => {
    expect(classify(error)).toMatchObject({ kind: 'cancelled', outcome: 'unknown' });
    expect(classify(error, { phase: 'acquire' }).outcome).toBe('not-executed');
    expect(classify(error, { inTransaction: true }).outcome).toBe('rolled-back');
    expect(classify(error, { phase: 'commit' }).outcome).toBe('unknown');
  });

  test('somebody else’s TimeoutError is none', () => {
    const error = Object.assign(new Error('slow'), { name: 'TimeoutError' });
    expect(classify(error).kind).toBe('permanent');
  });
});
