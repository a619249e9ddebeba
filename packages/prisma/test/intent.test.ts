/** The intent of operations, as a hook sees them. */
import { describe, expect, test } from '@jest/globals';
import { Prisma } from '../../../prisma/generated/client.js';
import { intentOf, nameOf, refusalOf, textOf } from '../src/intent.js';
import { newClient } from './client.js';

const operation = (operation: string, model?: string, args: unknown = {}) => ({
  operation,
  model,
  args,
});

test('has a name as in the code that calls it', () => {
  expect(nameOf(operation('create', 'Account'))).toBe('account.create');
  expect(nameOf(operation('$queryRaw'))).toBe('$queryRaw');
});

describe('of a model', () => {
  // Whatever a later version of Prisma adds is a write until it is known.
  const reads = new Set(
    'findUnique findUniqueOrThrow findFirst findFirstOrThrow findMany count aggregate groupBy'.split(
      ' ',
    ),
  );
  const all = Object.keys(newClient().account).filter((it) => !/^(\$|name$|fields$)/.test(it));

  test('every operation there is was thought of', () => {
    expect(all).toEqual(expect.arrayContaining([...reads, 'create', 'upsert', 'deleteMany']));
  });

  test.each(all)('%s', (name) => {
    const intent = reads.has(name) ? 'read' : 'write';
    expect(intentOf(operation(name, 'Account'))).toBe(intent);
    expect(refusalOf(operation(name, 'Account'))).toBeUndefined();
  });
});

describe('of SQL', () => {
  const tagged = Prisma.sql`SELECT * FROM accounts WHERE id = ${1} AND data ? 'key'`;
  const typed = { sql: 'SELECT * FROM accounts WHERE id = $1', values: [1] };

  test('is read from the text that is sent', () => {
    expect(textOf(operation('$queryRaw', undefined, tagged))).toContain('id = $1');
    expect(textOf(operation('$queryRawTyped', undefined, typed))).toBe(typed.sql);
    expect(textOf(operation('$queryRawUnsafe', undefined, ['SELECT $1', 1]))).toBe('SELECT $1');
    expect(textOf(operation('create', 'Account', tagged))).toBeUndefined();
  });

  test.each([
    ['read', ['SELECT 1']],
    ['read', tagged],
    ['read', typed],
    ['write', ["SELECT nextval('it')"]],
    ['write', ['INSERT INTO accounts DEFAULT VALUES RETURNING id']],
    ['write', [7]],
    ['write', null],
    ['write', {}],
  ])('%s: %j', (intent, args) => {
    expect(intentOf(operation('$queryRaw', undefined, args))).toBe(intent);
  });

  test('that commits by itself, or cannot be seen, is refused', () => {
    expect(refusalOf(operation('$executeRaw', undefined, Prisma.sql`CALL it()`))).toMatch(/commit/);
    expect(refusalOf(operation('$executeRaw', undefined, {}))).toBe('its SQL cannot be seen');
    expect(refusalOf(operation('$queryRaw', undefined, tagged))).toBeUndefined();
  });
});
