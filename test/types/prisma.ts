/** Types of an extended Prisma client: what it had it still has, and `$carom` beside it. Compiled, never run. */
import {
  afterCommit,
  caromAdapter,
  caromStrategy,
  createCommitTokens,
  createStrategy,
  type ExecutionCallOptions,
  expireCommitTokens,
  type OutcomeUnknownError,
  resolveOutcome,
  type Settled,
} from '@carom/prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import { readReplicas } from '@prisma/extension-read-replicas';
import { expectTypeOf } from 'expect-type';
import { type Account, type Entry, Prisma, PrismaClient } from '../../prisma/generated/client.js';

type Adapter = NonNullable<ConstructorParameters<typeof PrismaClient>[0]['adapter']>;
declare const adapter: Adapter;

const base = new PrismaClient({ adapter });
const prisma = base.$extends(caromStrategy({ retries: 5 }));
const where = { id: 1 };

export async function models(): Promise<void> {
  expectTypeOf(await prisma.account.findMany()).toEqualTypeOf<Account[]>();
  const account = await prisma.account.findUniqueOrThrow({ where, include: { entries: true } });
  expectTypeOf(account).toEqualTypeOf<Account & { entries: Entry[] }>();
  const selected = await prisma.account.findFirst({ select: { email: true } });
  expectTypeOf(selected).toEqualTypeOf<{ email: string } | null>();
  // @ts-expect-error it was not selected
  selected?.balance;
  // @ts-expect-error no such model
  prisma.nope;
  // @ts-expect-error no such column
  await prisma.account.findMany({ where: { nope: 1 } });
  // @ts-expect-error what is required is still required
  await prisma.account.create({ data: {} });
  expectTypeOf(await prisma.account.count()).toEqualTypeOf<number>();
  const created = await prisma.account.create({ data: { email: 'a' } });
  expectTypeOf(created).toEqualTypeOf<Account>();
  const entries = await prisma.account.findUnique({ where }).entries();
  expectTypeOf(entries).toEqualTypeOf<Entry[] | null>();
  const groups = await prisma.entry.groupBy({ by: ['accountId'], _sum: { amount: true } });
  expectTypeOf(groups[0]?._sum.amount).toEqualTypeOf<number | null | undefined>();
}

export async function raw(): Promise<void> {
  expectTypeOf(await prisma.$queryRaw<{ n: number }[]>`select 1 as n`).toEqualTypeOf<
    { n: number }[]
  >();
  expectTypeOf(await prisma.$queryRaw`select 1`).toEqualTypeOf<unknown>();
  expectTypeOf(await prisma.$executeRaw`select 1`).toEqualTypeOf<number>();
  expectTypeOf(await prisma.$executeRaw(Prisma.sql`select 1`)).toEqualTypeOf<number>();
  expectTypeOf(await prisma.$executeRawUnsafe('select $1', 1)).toEqualTypeOf<number>();
  await prisma.$connect();
  await prisma.$disconnect();
  // @ts-expect-error events are listened to on the client that was not extended
  prisma.$on;
}

export async function transactions(): Promise<void> {
  const batch = await prisma.$transaction([
    prisma.account.count(),
    prisma.account.findMany({ select: { id: true } }),
    prisma.$queryRaw<[{ n: number }]>`select 1 as n`,
  ]);
  expectTypeOf(batch).toEqualTypeOf<[number, { id: number }[], [{ n: number }]]>();
  const value = await prisma.$transaction(
    async (tx) => {
      const found = await tx.account.findFirst({ include: { entries: true } });
      expectTypeOf(found).toEqualTypeOf<(Account & { entries: Entry[] }) | null>();
      // @ts-expect-error a transaction's client cannot be extended
      tx.$extends;
      return (await tx.account.findFirstOrThrow()).email;
    },
    { isolationLevel: 'Serializable', maxWait: 1_000, timeout: 1_000 },
  );
  expectTypeOf(value).toEqualTypeOf<string>();
  // @ts-expect-error no such level
  await prisma.$transaction(async () => 1, { isolationLevel: 'Nope' });
  // @ts-expect-error an array of operations, not of numbers
  await prisma.$transaction([1, 2]);
}

export async function perCall(): Promise<void> {
  expectTypeOf(prisma.$carom({ idempotent: true })).toEqualTypeOf<typeof prisma>();
  expectTypeOf(prisma.$carom({}).$carom({ timeout: 1 })).toEqualTypeOf<typeof prisma>();
  const account = await prisma.$carom({ retries: 1 }).account.findFirst({ select: { id: true } });
  expectTypeOf(account).toEqualTypeOf<{ id: number } | null>();
  const total = await prisma.$carom({ timeout: 1 }).$transaction(async (tx) => tx.account.count());
  expectTypeOf(total).toEqualTypeOf<number>();
  expectTypeOf(prisma.$carom).parameter(0).toEqualTypeOf<ExecutionCallOptions>();
  // @ts-expect-error an option of the strategy, not of a call
  prisma.$carom({ cushion: false });
  // @ts-expect-error milliseconds, not words
  prisma.$carom({ timeout: '1s' });
}

export async function settling(error: OutcomeUnknownError): Promise<void> {
  const pg = caromAdapter(new PrismaPg('postgres://'));
  expectTypeOf(pg).toEqualTypeOf<PrismaPg>();
  const settled = new PrismaClient({ adapter: pg }).$extends(
    caromStrategy({ retries: 5, commit: 'fence', exactlyOnce: true }),
  );
  expectTypeOf(settled.$carom({ exactlyOnce: true, commit: 'xid' })).toEqualTypeOf<
    typeof settled
  >();
  expectTypeOf(await resolveOutcome(error.ticket, settled)).toEqualTypeOf<Settled>();
  expectTypeOf(await resolveOutcome(JSON.stringify(error.ticket), pg)).toEqualTypeOf<Settled>();
  expectTypeOf(await createCommitTokens(settled)).toEqualTypeOf<void>();
  expectTypeOf(await expireCommitTokens(base, 60_000)).toEqualTypeOf<number>();
  expectTypeOf(afterCommit(() => {})).toEqualTypeOf<void>();
  // @ts-expect-error no such level
  caromStrategy({ commit: 'sometimes' });
  // @ts-expect-error a driver adapter, not a client
  caromAdapter(7);
}

export async function otherExtensions(): Promise<void> {
  const named = { name: 'named', model: { account: { hello: (): string => 'hello' } } } as const;
  const computed = Prisma.defineExtension({
    result: { account: { label: { needs: { email: true }, compute: (it) => `<${it.email}>` } } },
  });
  const after = prisma.$extends(named).$extends(computed);
  expectTypeOf(after.account.hello()).toEqualTypeOf<string>();
  expectTypeOf((await after.account.findFirstOrThrow()).label).toEqualTypeOf<string>();
  expectTypeOf(await after.$transaction(async (tx) => tx.account.hello())).toEqualTypeOf<string>();
  expectTypeOf(after.$carom({})).toEqualTypeOf<typeof after>();
  expectTypeOf(after.$carom({}).account.hello()).toEqualTypeOf<string>();
  const before = base.$extends(named).$extends(caromStrategy());
  expectTypeOf(before.account.hello()).toEqualTypeOf<string>();
  expectTypeOf(await before.account.findMany()).toEqualTypeOf<Account[]>();
  const replicated = prisma.$extends(readReplicas({ replicas: [base] }));
  expectTypeOf(await replicated.account.findMany()).toEqualTypeOf<Account[]>();
  expectTypeOf(replicated.$primary).toBeFunction();
}

export async function omitted(): Promise<void> {
  const client = new PrismaClient({ adapter, omit: { account: { email: true } } });
  const wrapped = client.$extends(caromStrategy());
  const account = await wrapped.account.findFirstOrThrow();
  expectTypeOf(account).toEqualTypeOf<Omit<Account, 'email'>>();
  // @ts-expect-error it is omitted everywhere
  account.email;
  const shown = await wrapped.account.findFirstOrThrow({ omit: { email: false } });
  expectTypeOf(shown.email).toEqualTypeOf<string>();
}

export function setUp(): void {
  base.$extends(caromStrategy());
  base.$extends(caromStrategy(createStrategy({ retries: 1 })));
  base.$extends(
    caromStrategy({
      datasource: 'orders',
      cushion: { failures: 5, lastCalls: 10 },
      classify: () => undefined,
    }),
  );
  // @ts-expect-error no such option
  caromStrategy({ retires: 5 });
  // @ts-expect-error per call only: for all calls it would make every write doubleable
  caromStrategy({ idempotent: true });
}
