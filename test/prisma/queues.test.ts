/** Extensions that queue operations: Node's async context is then that of whoever was there before. */
import { caromAdapter, outcomeOf } from '@carom/prisma';
import { afterEach, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { failure, gate, lockMarks, waitingForLock } from './waiting.js';
import { carom, createWorld, type Options } from './world.js';

const world = createWorld();
let clients: PrismaClient[] = [];

afterEach(async () => {
  for (const client of clients) await client.$disconnect();
  clients = [];
});

/** One operation at a time, begun by the end of the one before. */
function oneAtATime() {
  let busy = false;
  const queue: (() => void)[] = [];
  const queued = gate();
  type Params = { args: object; query(args: object): PromiseLike<unknown> };
  const hook = ({ args, query }: Params): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        busy = true;
        const next = (): void => {
          busy = false;
          queue.shift()?.();
        };
        query(args).then(resolve, reject).then(next);
      };
      if (!busy) return start();
      queue.push(start);
      queued.open();
    });
  return { queued, extension: { query: { $allOperations: hook } } };
}

function open(options: Options = {}) {
  const client = new PrismaClient({ adapter: caromAdapter(new PrismaPg(world.config())) });
  clients.push(client);
  const { queued, extension } = oneAtATime();
  return { db: client.$extends(carom(options)).$extends(extension), queued };
}

test.each([{}, { exactlyOnce: true }])(
  'an operation that was queued behind an aborted one is not aborted with it: %j',
  async (options) => {
    const { db, queued } = open(options);
    await db.account.count();
    const lock = await lockMarks(world.cluster);
    const stop = new AbortController();
    const aborted = failure(
      db.$carom({ signal: stop.signal }).mark.create({ data: { mark: 'm' } }),
    );
    await waitingForLock(world.cluster);
    const behind = db.account.create({ data: { email: 'b@x' } }).then(({ email }) => email);
    await queued.passed;
    stop.abort(new Error('enough'));
    await aborted;
    expect(outcomeOf(stop.signal.reason)).toBe('rolled-back');
    await lock.release();
    expect(await behind).toBe('b@x');
    expect(await world.emails()).toEqual(['b@x']);
  },
);
