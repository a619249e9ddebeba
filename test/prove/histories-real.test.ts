/** The checker on a real Postgres: what each level allows is seen, and a retry loop without Carom is found out. */
import { seededRandom } from '@carom/core/testing';
import { type Cluster, type FaultProxy, startCluster, startFaultProxy } from '@carom/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { ListOperation, ListUnit, Told } from '../../bench/prove/histories/checker/history.js';
import {
  type AnomalyKind,
  forbids,
  type Level,
} from '../../bench/prove/histories/checker/level.js';
import { checkListAppend } from '../../bench/prove/histories/checker/list-append.js';
import { clientNames, isControl, makers } from '../../bench/prove/histories/clients/clients.js';
import { bank, bankTables } from '../../bench/prove/histories/workload/bank.js';
import { listAppend, listTable } from '../../bench/prove/histories/workload/list-append.js';
import type { Ask, Judged } from '../../bench/prove/histories/workload/workload.js';

let cluster: Cluster;
let proxy: FaultProxy;
let schemas = 0;

beforeAll(async () => {
  cluster = await startCluster();
  proxy = await startFaultProxy(cluster.primary);
}, 60_000);
afterAll(async () => {
  await proxy?.close();
  await cluster?.stop();
}, 60_000);

const ask: Ask = async (sql, values) => (await cluster.primary.query(sql, values)).rows as never;

async function newSchema(tables: (schema: string) => string): Promise<string> {
  schemas += 1;
  const schema = `"history ${schemas}"`;
  await ask(`CREATE SCHEMA ${schema}`);
  await ask(tables(schema));
  return schema;
}

const kindsOf = (found: Judged['anomalies']): readonly AnomalyKind[] => [
  ...new Set(found.map(({ kind }) => kind)),
];

/** One transaction in a session of its own, step by step. */
class Session {
  readonly #client: pg.Client;
  readonly #schema: string;
  readonly #operations: ListOperation[] = [];
  #told: Told = 'unknown';

  constructor(schema: string) {
    this.#schema = schema;
    this.#client = new pg.Client(cluster.primary.url);
  }

  async begin(level: Level): Promise<void> {
    await this.#client.connect();
    await this.#client.query(`BEGIN ISOLATION LEVEL ${level}`);
  }

  async read(key: number): Promise<void> {
    const sql = `SELECT elements FROM ${this.#schema}.lists WHERE id = $1`;
    const { rows } = await this.#client.query(sql, [key]);
    this.#operations.push({ kind: 'read', key, elements: rows[0]?.elements ?? [] });
  }

  async append(key: number, value: number): Promise<void> {
    const sql = `UPDATE ${this.#schema}.lists SET elements = elements || $2::int WHERE id = $1`;
    this.#operations.push({ kind: 'append', key, value });
    await this.#client.query(sql, [key, value]);
  }

  /** COMMIT, or the server's no. */
  async end(): Promise<void> {
    this.#told = await this.#client.query('COMMIT').then(
      ({ command }) => (command === 'COMMIT' ? 'committed' : 'rolled-back'),
      () => 'rolled-back',
    );
    await this.#client.end();
  }

  unit(id: string): ListUnit {
    const isKnown = this.#told === 'committed';
    const operations = this.#operations.map((operation) =>
      operation.kind === 'read' && !isKnown ? { ...operation, elements: undefined } : operation,
    );
    return { id, began: 0, ended: 1, told: this.#told, operations };
  }
}

/** Two transactions that each read one list, and then append: to the other list, or to the same one. */
async function meet(
  level: Level,
  oneReads: number,
  otherReads: number,
): Promise<Judged['anomalies']> {
  const schema = await newSchema(listTable);
  await ask(`INSERT INTO ${schema}.lists VALUES (1, '{}'), (2, '{}')`);
  const one = new Session(schema);
  const other = new Session(schema);
  await one.begin(level);
  await other.begin(level);
  await one.read(oneReads);
  await other.read(otherReads);
  await one.append(1, 10);
  const second = otherReads === oneReads ? 1 : 2;
  const appended = other.append(second, 20).catch(() => undefined);
  await one.end();
  await appended;
  await other.end();
  const rows = await ask<{ id: number; elements: readonly number[] }>(
    `SELECT id, elements FROM ${schema}.lists`,
  );
  return checkListAppend({
    units: [one.unit('one'), other.unit('other')],
    final: new Map(rows.map(({ id, elements }) => [id, elements])),
  });
}

describe('what each level of Postgres allows is what is seen', () => {
  test.each<[Level, readonly AnomalyKind[]]>([
    ['read committed', ['lost-update', 'G-single']],
    ['repeatable read', []],
    ['serializable', []],
  ])('%s: two updates over one version', async (level, expected) => {
    expect(kindsOf(await meet(level, 1, 1))).toEqual(expected);
  });

  test.each<[Level, readonly AnomalyKind[]]>([
    ['read committed', ['G2-item']],
    ['repeatable read', ['G2-item']],
    ['serializable', []],
  ])('%s: write skew', async (level, expected) => {
    expect(kindsOf(await meet(level, 2, 1))).toEqual(expected);
  });
});

describe('when answers to COMMIT are lost', () => {
  const level = 'repeatable read';
  const cases = clientNames.flatMap((name) =>
    (['list-append', 'bank'] as const).map((workload) => [name, workload] as const),
  );
  test.each(cases)('%s, %s', async (name, workload) => {
    const schema = await newSchema(workload === 'bank' ? bankTables : listTable);
    const { host, port } = proxy;
    const client = makers[name]({
      config: { ...cluster.primary.config, host, port, application_name: `history-${name}` },
      commit: 'xid',
      onRetry: () => undefined,
    });
    const open = workload === 'bank' ? bank : listAppend;
    const played = open({ client, level, schema });
    const random = seededRandom(7);
    for (let n = 0; n < 6; n += 1) {
      const cut = proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
      await played.step(random);
      await cut.settled;
    }
    await client.close();
    const { anomalies, told, unclaimed } = await played.judge(ask);
    expect(told.committed + told['rolled-back'] + told.unknown).toBe(6);
    expect(unclaimed).toBe(0);
    if (isControl(name)) {
      expect(kindsOf(anomalies)).toContain('duplicate');
    } else {
      expect(anomalies.filter(({ kind }) => forbids(level, kind))).toEqual([]);
    }
  });
});
