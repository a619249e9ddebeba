/** Prisma's internals inside transactions: a new version of Prisma that changes one of them fails here first. */
import { expect, test } from '@jest/globals';
import { createWorld } from './world.js';

const world = createWorld();
const scope = Symbol.for('prisma.client.transaction.scope_context');

interface Seen {
  readonly operation: string;
  readonly kind: unknown;
  readonly id: unknown;
  readonly events: string[];
}

/** A client that notes what `__internalParams` says, and how far Prisma gets. */
function noting() {
  const seen: Seen[] = [];
  const client = world.base().$extends({
    query: {
      $allOperations(params) {
        const { operation, args, query } = params;
        const { __internalParams: internal } = params as unknown as {
          __internalParams: {
            transaction?: { kind: unknown; id: unknown };
            argsMapper?: ((args: unknown) => unknown) | undefined;
            unpacker?: ((data: unknown) => unknown) | undefined;
          };
        };
        const { argsMapper, unpacker, transaction } = internal;
        const events: string[] = [];
        internal.argsMapper = (it) => {
          events.push('start');
          return argsMapper === undefined ? it : argsMapper(it);
        };
        internal.unpacker = (it) => {
          events.push('done');
          return unpacker === undefined ? it : unpacker(it);
        };
        seen.push({ operation, kind: transaction?.kind, id: transaction?.id, events });
        return query(args);
      },
    },
  });
  return { client, seen };
}

test("a callback's client has the id under which its operations arrive, nested ones too", async () => {
  const { client, seen } = noting();
  const ids: unknown[] = [];
  const idOf = (tx: object) => (tx as Record<symbol, { txId: unknown }>)[scope]?.txId;
  await client.$transaction(async (tx) => {
    ids.push(idOf(tx));
    expect('$extends' in tx).toBe(false);
    await tx.account.count();
    await tx.$transaction(async (inner) => {
      ids.push(idOf(inner));
      await inner.$queryRaw`SELECT 1`;
    });
  });
  expect(typeof ids[0]).toBe('string');
  expect(ids[1]).toBe(ids[0]);
  expect(seen.map(({ kind, id }) => [kind, id])).toEqual([
    ['itx', ids[0]],
    ['itx', ids[0]],
  ]);
});

test('arguments are mapped before anything is sent, answers are unpacked when all is done', async () => {
  const { client, seen } = noting();
  await client.account.create({ data: { email: 'a@x' } });
  await client.account.count();
  await client.$queryRaw`SELECT 1`;
  await client.$transaction([client.account.count(), client.$executeRaw`SELECT 1`]);
  for (const { events } of seen) expect(events).toEqual(['start', 'done']);
  seen.length = 0;
  await client.account.create({ data: { email: 'a@x' } }).catch(() => undefined);
  expect(seen[0]?.events).toEqual(['start']);
});

test('of a batch that fails, only what came before the failure is unpacked; of a lost COMMIT nothing', async () => {
  const { client, seen } = noting();
  const create = (email: string) => client.account.create({ data: { email } });
  await client.$transaction([create('a@x'), create('a@x'), create('b@x')]).catch(() => undefined);
  const events = () => seen.map((it) => it.events.length);
  expect(events()).toEqual([2, 1, 1]);
  seen.length = 0;
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  await client.$transaction([create('a@x'), create('b@x')]).catch(() => undefined);
  await fault.settled;
  expect(events()).toEqual([1, 1]);
  expect(await world.emails()).toEqual(['a@x', 'b@x']);
});

test('an operation shows its own promise when it is asked to start, and is sent once however it is awaited', async () => {
  let sent = 0;
  const shown: unknown[] = [];
  const client = world.base().$extends({
    query: {
      $allOperations({ args, query }) {
        const operation = query(args) as Promise<unknown> & { requestTransaction(): unknown };
        shown.push(operation.requestTransaction());
        return operation;
      },
    },
  });
  const counted = client.$extends({
    query: {
      $allOperations({ args, query }) {
        sent += 1;
        return query(args);
      },
    },
  });
  await counted.account.create({ data: { email: 'a@x' } });
  await counted.account.create({ data: { email: 'a@x' } }).catch(() => undefined);
  expect(sent).toBe(2);
  expect(shown.map((it) => Object.getPrototypeOf(it) === Promise.prototype)).toEqual([true, true]);
  expect(await shown[0]).toMatchObject({ email: 'a@x' });
  await expect(shown[1]).rejects.toMatchObject({ code: 'P2002' });
  expect(await world.emails()).toEqual(['a@x']);
});
