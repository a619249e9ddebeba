/** What settling a lost COMMIT costs when none is lost: the same transaction, plain and in Carom, 5 ms away from the server. */
import { readFile } from 'node:fs/promises';
import { wrapKnex } from '@carom/knex';
import { wrapPool } from '@carom/pg';
import { type CommitLevel, commitTokensSql } from '@carom/postgres';
import { caromAdapter, caromStrategy } from '@carom/prisma';
import { type ServerConfig, startCluster, startFaultProxy } from '@carom/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import knex from 'knex';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { median } from '../median.js';

type Work = () => Promise<unknown>;

/** In ms, each way. */
const away = 5;
const rounds = 40;
const insert = "INSERT INTO marks (mark) VALUES ('x')";
const levels: readonly CommitLevel[] = ['none', 'xid', 'fence'];

/** One transaction with one write: plain, and at each level. */
function works(config: ServerConfig): Readonly<Record<string, Readonly<Record<string, Work>>>> {
  const pool = new pg.Pool(config);
  const plain = knex({ client: 'pg', connection: config });
  const prisma = (level?: CommitLevel): PrismaClient => {
    const adapter = new PrismaPg(config);
    if (level === undefined) return new PrismaClient({ adapter });
    const client = new PrismaClient({ adapter: caromAdapter(adapter) });
    return client.$extends(caromStrategy({ commit: level })) as unknown as PrismaClient;
  };
  const byPrisma = (client: PrismaClient): Work => {
    return () => client.$transaction((tx) => tx.mark.create({ data: { mark: 'x' } }));
  };
  const atEach = (work: (level: CommitLevel) => Work): Record<string, Work> =>
    Object.fromEntries(levels.map((level) => [level, work(level)]));
  return {
    pg: {
      plain: async () => {
        const client = await pool.connect();
        for (const sql of ['BEGIN', insert, 'COMMIT']) await client.query(sql);
        client.release();
      },
      ...atEach((commit) => {
        const wrapped = wrapPool(new pg.Pool(config), { commit });
        return () => wrapped.transaction((client) => client.query(insert));
      }),
    },
    knex: {
      plain: () => plain.transaction((trx) => trx('marks').insert({ mark: 'x' })),
      ...atEach((commit) => {
        const db = wrapKnex(knex({ client: 'pg', connection: config }), { commit });
        return () => db.transaction((trx) => trx('marks').insert({ mark: 'x' }));
      }),
    },
    prisma: { plain: byPrisma(prisma()), ...atEach((level) => byPrisma(prisma(level))) },
  };
}

/** The medians of each, in turn with the others. */
async function measured(them: Readonly<Record<string, Work>>): Promise<readonly number[]> {
  const times = Object.values(them).map((work) => ({ work, ms: [] as number[] }));
  // The first rounds connect, and read the server.
  for (let round = -5; round < rounds; round++) {
    for (const { work, ms } of times) {
      const began = performance.now();
      await work();
      if (round >= 0) ms.push(performance.now() - began);
    }
  }
  return times.map(({ ms }) => median(ms));
}

const cluster = await startCluster();
await cluster.primary.query(await readFile('prisma/schema.sql', 'utf8'));
await cluster.primary.query(commitTokensSql);
const proxy = await startFaultProxy(cluster.primary);
proxy.delay({ toServer: away, toClient: away });
const { host, port } = proxy;
process.stdout.write(
  `| ${away} ms each way | plain | ${levels.join(' | ')} |\n| --- | --: | --: | --: | --: |\n`,
);
for (const [name, them] of Object.entries(works({ ...cluster.primary.config, host, port }))) {
  const cells = (await measured(them)).map((ms) => `${ms.toFixed(1)} ms`);
  process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`);
}
await proxy.close();
await cluster.stop();
process.exit(0);
