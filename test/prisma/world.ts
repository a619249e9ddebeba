/** The world of Prisma's own tests: a real server, a proxy that breaks the way to it, and clients that are thrown away. */
import { caromStrategy } from '@carom/prisma';
import { afterEach, beforeEach, jest } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool, PoolConfig } from 'pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { hastyClock } from '../hasty-clock.js';
import { createStage, type Stage } from '../stage.js';

/** What `caromStrategy` takes here. */
export type Options = NonNullable<Parameters<typeof caromStrategy>[0]>;

// Real servers, on a machine that may be busy.
jest.setTimeout(30_000);

/** A client as Prisma makes it. */
export type Base = PrismaClient<'query'> & { readonly queries: string[] };

/** What the tests of one file share. */
export interface World extends Stage {
  /** Settings of a pool that connects through the proxy, as `application_name: name` if given. */
  config(name?: string): PoolConfig;
  /** A client as Prisma makes it, through the proxy; disconnected after the test. It tells its queries. */
  base(pool?: PoolConfig | Pool, options?: { readonly errorFormat?: 'minimal' }): Base;
  /** The emails of all accounts, asked of the server itself. */
  emails(): Promise<string[]>;
  /** One column of one row. */
  value(sql: string): Promise<unknown>;
}

const schema = new URL('../../prisma/schema.sql', import.meta.url);

/** Starts the world before the tests of a file and ends it after them. */
export function createWorld(): World {
  const stage = createStage({ schema: [schema], settings: { deadlock_timeout: '20ms' } });
  let opened: PrismaClient<'query'>[] = [];
  beforeEach(async () => {
    // A connection that was frozen may hold a lock for ever.
    await stage.cluster.primary.killBackends();
    await stage.cluster.primary.query('TRUNCATE accounts, entries, marks, tags RESTART IDENTITY');
  });
  afterEach(async () => {
    for (const client of opened) await client.$disconnect();
    opened = [];
  });
  const config = (application_name?: string): PoolConfig => ({
    ...stage.cluster.primary.config,
    host: stage.proxy.host,
    port: stage.proxy.port,
    max: 4,
    connectionTimeoutMillis: 10_000,
    ...(application_name === undefined ? {} : { application_name }),
  });
  return {
    get cluster() {
      return stage.cluster;
    },
    get proxy() {
      return stage.proxy;
    },
    config,
    base(pool = config(), options = {}) {
      const client = new PrismaClient({
        adapter: new PrismaPg(pool),
        log: [{ emit: 'event', level: 'query' }],
        ...options,
      }) as unknown as PrismaClient<'query'>;
      const queries: string[] = [];
      client.$on('query', ({ query }) => queries.push(query));
      opened.push(client);
      return Object.assign(client, { queries });
    },
    async emails() {
      const sql = 'SELECT email FROM accounts ORDER BY email';
      return (await stage.cluster.primary.query<{ email: string }>(sql)).rows.map(
        ({ email }) => email,
      );
    },
    async value(sql) {
      const { rows } = await stage.cluster.primary.query(sql);
      return Object.values(rows[0] ?? {})[0];
    },
  };
}

/** The extension, on a clock that is always in a hurry. */
export const carom = (options: Options = {}): ReturnType<typeof caromStrategy> =>
  caromStrategy({ clock: hastyClock(), ...options });

/** A client by that name as the server sees it. */
export const backendOf = async (client: {
  $queryRaw<T>(sql: TemplateStringsArray): PromiseLike<T>;
}): Promise<number> => {
  const [row] = await client.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  return row?.pid ?? -1;
};
