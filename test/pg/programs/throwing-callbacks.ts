/** Callbacks that throw: what the process hears of each. */
import { wrapPool } from '@carom/pg';
import type { ServerConfig } from '@carom/testing';
import pg from 'pg';

type Call = (pool: pg.Pool, fail: () => never) => void;

const config = JSON.parse(process.argv[2] ?? '') as ServerConfig;
const heard: string[] = [];
process.on('uncaughtException', (error) => heard.push(`uncaught: ${error.message}`));
process.on('unhandledRejection', (error) => heard.push(`unhandled: ${(error as Error).message}`));

const calls: Readonly<Record<string, Call>> = {
  query: (pool, fail) => pool.query('SELECT 1', fail),
  refused: (pool, fail) => pool.query('SELECT 1/0', fail),
  connect: (pool, fail) =>
    pool.connect((_error, _client, release) => {
      release();
      fail();
    }),
};

for (const [name, call] of Object.entries(calls)) {
  const pool = wrapPool(new pg.Pool(config));
  let thrown = 0;
  call(pool, () => {
    thrown += 1;
    throw new Error(name);
  });
  while (thrown === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
}
process.stdout.write(heard.join());
process.exit(0);
