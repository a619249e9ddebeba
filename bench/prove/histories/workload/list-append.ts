/** List-append: each transaction reads some lists and puts values of its own at the end of others. */
import type { Random } from '@carom/core';
import type { ListOperation, ListUnit } from '../checker/history.js';
import { checkListAppend } from '../checker/list-append.js';
import type { Send } from '../clients/client.js';
import { Log } from './log.js';
import { countTold, type Ground, pick, type Workload } from './workload.js';

export const listTable = (schema: string): string =>
  `CREATE TABLE ${schema}.lists (id int PRIMARY KEY, elements int[] NOT NULL)`;

/** Lists in use at a time: few, so that transactions meet. */
const lists = 5;
/** After so many transactions the oldest list gives way to a new one: reads stay short. */
const turnover = 20;
/** Operations of a transaction, at most. */
const longest = 4;

type Plan = readonly ListOperation[];

/** The lists' SQL in one schema. */
const statements = (schema: string) =>
  ({
    append: `INSERT INTO ${schema}.lists AS list (id, elements) VALUES ($1::int, ARRAY[$2::int])
      ON CONFLICT (id) DO UPDATE SET elements = list.elements || excluded.elements`,
    read: `SELECT elements FROM ${schema}.lists WHERE id = $1::int`,
    all: `SELECT id, elements FROM ${schema}.lists`,
  }) as const;

interface Row {
  readonly id: number;
  readonly elements: readonly number[];
}

export function listAppend({ client, level, schema }: Ground): Workload {
  const sql = statements(schema);
  const log = new Log<Plan, Plan>('list ', client);
  let values = 0;

  const plan = (random: Random): Plan => {
    const first = Math.floor(log.units.length / turnover);
    return Array.from({ length: 1 + pick(random, longest) }, (): ListOperation => {
      const key = first + pick(random, lists);
      if (random() < 0.5) return { kind: 'read', key, elements: undefined };
      values += 1;
      return { kind: 'append', key, value: values };
    });
  };
  const playOne = async (send: Send, operation: ListOperation): Promise<ListOperation> => {
    const { key } = operation;
    if (operation.kind === 'append') {
      await send(sql.append, [key, operation.value]);
      return operation;
    }
    const [row] = await send<Row>(sql.read, [key]);
    return { ...operation, elements: row?.elements ?? [] };
  };

  return {
    step(random) {
      const planned = plan(random);
      return log.play(planned, () =>
        client.transaction(level, async (send) => {
          const played: ListOperation[] = [];
          for (const operation of planned) played.push(await playOne(send, operation));
          return played;
        }),
      );
    },
    async judge(ask) {
      log.close();
      const units = log.units.map(
        ({ plan: planned, result, ...unit }): ListUnit => ({
          ...unit,
          operations: result ?? planned,
        }),
      );
      const rows = await ask<Row>(sql.all);
      const final = new Map(rows.map(({ id, elements }) => [id, elements]));
      const anomalies = checkListAppend({ units, final });
      return { told: countTold(units), unclaimed: log.unclaimed, anomalies };
    },
  };
}
