/** Where statements end, a real server decides: the scanner must count as many as the server runs. */

import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import type { Reading } from '../../packages/postgres/src/sql/scan.js';
import { statementsOf } from '../../packages/postgres/src/sql/statements.js';

let cluster: Cluster;
let client: pg.Client;

beforeAll(async () => {
  cluster = await startCluster();
  client = new pg.Client(cluster.primary.config);
  await client.connect();
}, 60_000);

afterAll(async () => {
  await client?.end();
  await cluster?.stop();
});

/** How many statements the server runs; undefined when it cannot parse the text. */
async function ran(sql: string): Promise<number | undefined> {
  try {
    const results: unknown = await client.query(sql);
    return Array.isArray(results) ? results.length : 1;
  } catch {
    return undefined;
  }
}

const inside = fc.string({ unit: fc.constantFrom(...`'";$\\/*-; \n\rae&`), maxLength: 8 });
const another = fc.constantFrom('; select ', ';select 1;', "'; select 1 --'");

/** Literals and comments with anything in them, well-formed or not; most of the rest the server refuses. */
const fragment = fc.oneof(
  inside.map((text) => `'${text}'`),
  inside.map((text) => `E'${text}'`),
  inside.map((text) => `B'01' --${text}\n`),
  inside.map((text) => `as "${text}"`),
  inside.map((text) => `$$${text}$$`),
  inside.map((text) => `$a$${text}$a$`),
  inside.map((text) => `/*${text}*/`),
  inside.map((text) => `--${text}\n`),
  inside.map((text) => `--${text}\r`),
  another,
  fc.constantFrom(', ', ',1 + ', ';', '\n', ' ', "'", 'a', 'e', '+', '$1$', '$a$'),
);

const texts = fc
  .array(fragment, { minLength: 1, maxLength: 6 })
  .map((fragments) => `select ${fragments.join('')}`);

describe.each<readonly [string, Reading]>([
  ['on', 'ordinary'],
  ['off', 'escape'],
])('with standard_conforming_strings %s', (setting, reading) => {
  test('the scanner counts as many statements as the server runs', async () => {
    await client.query(`set standard_conforming_strings = ${setting}`);
    let parsed = 0;
    let several = 0;
    await fc.assert(
      fc.asyncProperty(texts, async (sql) => {
        const count = await ran(sql);
        if (count === undefined) return;
        parsed += 1;
        if (count > 1) several += 1;
        const statements = [...statementsOf(sql, reading)];
        expect(statements).toHaveLength(count);
        expect(statements.every(({ clear }) => clear)).toBe(true);
      }),
      { numRuns: 1_500 },
    );
    // The property says something only if the server could parse enough of it.
    expect(parsed).toBeGreaterThan(150);
    expect(several).toBeGreaterThan(15);
  }, 60_000);
});
