/** What Carom takes for read-only is so on a real server, and what a real server calls a write Carom does too. */

import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { columnNameWords, reservedWords } from '../../packages/postgres/src/sql/grammar-words.js';
import {
  builtInOperators,
  builtInTypes,
  harmlessFunctions,
  modifiableTypes,
} from '../../packages/postgres/src/sql/harmless.js';
import { isReadOnly } from '../../packages/postgres/src/sql/intent.js';
import { tokensOf } from '../../packages/postgres/src/sql/scan.js';
import {
  hiddenByBackslash,
  readOnly,
  schema,
  writing,
} from '../../packages/postgres/test/sql-cases.js';

let cluster: Cluster;
let client: pg.Client;

beforeAll(async () => {
  cluster = await startCluster({ database: 'read_only' });
  client = new pg.Client(cluster.primary.config);
  await client.connect();
  await client.query(schema);
}, 60_000);

afterAll(async () => {
  await client?.end();
  await cluster?.stop();
});

/** The SQLSTATE with which a READ ONLY transaction refuses the text; undefined when it runs. */
async function refusal(sql: string): Promise<string | undefined> {
  await client.query('begin read only');
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return (error as pg.DatabaseError).code;
  } finally {
    await client.query('rollback');
  }
}

describe('in a READ ONLY transaction', () => {
  test.each(readOnly)('the server runs: %s', async (sql) => {
    expect(isReadOnly(sql)).toBe(true);
    expect(await refusal(sql)).toBeUndefined();
  });

  test.each(writing)('the server refuses: %s', async (sql) => {
    expect(isReadOnly(sql)).toBe(false);
    expect(await refusal(sql)).toBe('25006');
  });

  test('a backslash hides a call on one server and not on the other', async () => {
    expect(isReadOnly(hiddenByBackslash)).toBe(false);
    expect(await refusal(hiddenByBackslash)).toBeUndefined();
    await client.query('set standard_conforming_strings = off');
    try {
      expect(await refusal(hiddenByBackslash)).toBe('25006');
    } finally {
      await client.query('set standard_conforming_strings = on');
    }
  });
});

describe('a write slipped into a read-only statement', () => {
  const writes = [
    'touch(1)',
    ', touch(1)',
    'from touch(1)',
    '(select touch(1))',
    'over(1)',
    'by(1)',
    'like(1)',
    "like '1'",
    'join(1)',
    '1 ?+ 1',
    'mine.count(1)',
    '1 <%> 1',
    '1::small',
    "small '1'",
    'cast(1 as small)',
    'filter (where touch(1) > 0)',
    `json_to_recordset('[{"a":1}]') as x (a small)`,
    `json_to_recordset('[{"a":1}]') values (a small)`,
    'for share',
  ];

  /** The text with one write in the place of a token, or after it. */
  const changed = fc
    .record({
      sql: fc.constantFrom(...readOnly),
      write: fc.constantFrom(...writes),
      at: fc.nat(),
      replaces: fc.boolean(),
    })
    .map(({ sql, write, at, replaces }) => {
      const ends = tokensOf(sql, 'ordinary').map(({ end }) => end);
      const place = at % ends.length;
      const from = replaces && place > 0 ? ends[place - 1] : ends[place];
      return `${sql.slice(0, from)} ${write} ${sql.slice(ends[place])}`;
    });

  test('is never missed where the server runs it', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(changed, async (sql) => {
        if ((await refusal(sql)) !== '25006') return;
        refused += 1;
        expect(isReadOnly(sql)).toBe(false);
      }),
      { numRuns: 1_500 },
    );
    // Most of what comes out is no SQL.
    expect(refused).toBeGreaterThan(50);
  }, 60_000);
});

/** The first column of a query, as texts. */
async function column(sql: string, values: readonly unknown[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(sql, [...values]);
  return rows.map(({ name }) => name);
}

describe('the tables agree with the catalogs', () => {
  /** They read the server's state or answer at random; that nothing is left behind is in their documentation. */
  const volatile =
    `clock_timestamp gen_random_uuid pg_current_wal_lsn pg_database_size pg_indexes_size pg_is_in_recovery
    pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_relation_size pg_sleep pg_sleep_for
    pg_sleep_until pg_table_size pg_total_relation_size pg_xact_status random timeofday`.split(
      /\s+/,
    );

  test('no harmless function is volatile, but for those that are known', async () => {
    const found = await column(
      `select distinct proname::text as name from pg_proc where pronamespace = 'pg_catalog'::regnamespace
        and proname = any($1) and provolatile = 'v' and prokind = 'f' order by 1`,
      [[...harmlessFunctions]],
    );
    expect(found).toEqual(volatile);
  });

  test('every harmless function is built in, or a keyword that can name no other', async () => {
    const missing = await column(
      `select name from unnest($1::text[]) name
        where not exists (select 1 from pg_proc where proname = name and pronamespace = 'pg_catalog'::regnamespace)
        and not exists (select 1 from pg_get_keywords() where word = name and catcode in ('C', 'R'))`,
      [[...harmlessFunctions]],
    );
    expect(missing).toEqual([]);
  });

  test('every operator but the arrow of named arguments is built in', async () => {
    const missing = await column(
      `select name from unnest($1::text[]) name where not exists (select 1 from pg_operator
        where oprname = name and oprnamespace = 'pg_catalog'::regnamespace)`,
      // The lexer turns != into <>.
      [[...builtInOperators].filter((name) => name !== '!=')],
    );
    expect(missing).toEqual(['=>']);
  });

  test.each([...builtInTypes])('%s is a built-in type', async (name) => {
    const phrase =
      ({ double: 'double precision', national: 'national char' } as const)[name] ?? name;
    const found = await column(
      `select typname::text as name from pg_type
        where oid = $1::regtype and typnamespace = 'pg_catalog'::regnamespace`,
      [phrase],
    );
    expect(found).toHaveLength(1);
  });

  test('the words of the grammar can name no function', async () => {
    const words = [...reservedWords, ...columnNameWords, 'cast'];
    const free = await column(
      `select name from unnest($1::text[]) name where name not in
        (select word from pg_get_keywords() where catcode in ('R', 'C'))`,
      [words],
    );
    expect(free).toEqual([]);
  });

  test('types with a modifier cannot be taken for functions, or are their own casts', async () => {
    const free = await column(
      `select name from unnest($1::text[]) name where name not in
        (select word from pg_get_keywords() where catcode in ('R', 'C'))`,
      [[...modifiableTypes]],
    );
    expect(free).toEqual(['bpchar', 'timestamptz', 'timetz', 'varbit']);
  });
});
