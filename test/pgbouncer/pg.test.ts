import { wrapPool } from '@carom/pg';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { pgAdapter } from '../contract/pg-subject.js';
import { audited, settled, type World } from '../contract/world.js';
import { pooledContract } from './pooled.js';

/** In transaction mode a session's prepared statements are any client's, or nobody's. */
function preparedStatements(world: World): void {
  test('a named prepared statement that its session lacks, or has already: done once, or not at all', async () => {
    const { host, port } = world.proxy;
    const config = { ...world.cluster.primary.config, host, port };
    const pool = wrapPool(new pg.Pool({ ...config, max: 6 }), { retries: 3 });
    const errors = new Set<unknown>();
    const insert = { name: 'mark', text: 'INSERT INTO marks (mark) VALUES ($1)' };
    try {
      for (let round = 0; round < 5; round += 1) {
        const written = Array.from({ length: 12 }, () => world.mark()).map(async (mark) => {
          const result = await settled(pool.query({ ...insert, values: [mark] }));
          if (result.error !== undefined) errors.add((result.error as { code?: string }).code);
          await audited(world, mark, result);
        });
        await Promise.all(written);
      }
    } finally {
      await pool.end();
    }
    // PgBouncer keeps track of them from 1.21 on; before that, only these two are what may be wrong.
    expect(['26000', '42P05']).toEqual(expect.arrayContaining([...errors]));
  });
}

pooledContract(pgAdapter, preparedStatements);
