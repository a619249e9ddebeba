/** The bank: transfers in a ring of accounts, withdrawals from pairs that must stay solvent together, and looks at the total. */
import type { Random } from '@carom/core';
import { type BankUnit, checkBank, type Entry } from '../checker/bank.js';
import type { Send } from '../clients/client.js';
import { Log } from './log.js';
import { countTold, type Ground, pick, type Workload } from './workload.js';

const ring = [1, 2, 3, 4, 5] as const;
const pairs = [
  [11, 12],
  [13, 14],
] as const;
const opening = 100;
/** The most that is moved at a time. */
const most = 60;

export const bankTables = (schema: string): string => `
  CREATE TABLE ${schema}.accounts (id int PRIMARY KEY, balance int NOT NULL);
  INSERT INTO ${schema}.accounts SELECT unnest(ARRAY[${[...ring, ...pairs.flat()].join()}]), ${opening};
  CREATE TABLE ${schema}.entries (unit text NOT NULL, account int NOT NULL, amount int NOT NULL)`;

/** What is planned; what a withdrawal does depends on what it finds. */
type Plan =
  | {
      readonly kind: 'transfer';
      readonly from: number;
      readonly to: number;
      readonly amount: number;
    }
  | { readonly kind: 'withdraw'; readonly pair: readonly [number, number]; readonly amount: number }
  | { readonly kind: 'look' };

type Result = Pick<BankUnit, 'total' | 'pair'>;

const entriesOf: Readonly<Record<Plan['kind'], number>> = { transfer: 2, withdraw: 1, look: 0 };

function planned(random: Random): Plan {
  const share = random();
  const amount = 1 + pick(random, most);
  if (share < 0.4) {
    const from = pick(random, ring.length);
    const to = (from + 1 + pick(random, ring.length - 1)) % ring.length;
    return { kind: 'transfer', from: ring[from] ?? 1, to: ring[to] ?? 2, amount };
  }
  if (share >= 0.8) return { kind: 'look' };
  const [one, other] = pairs[pick(random, pairs.length)] ?? pairs[0];
  return { kind: 'withdraw', pair: random() < 0.5 ? [one, other] : [other, one], amount };
}

export function bank({ client, level, schema }: Ground): Workload {
  const log = new Log<Plan, Result>('bank ', client);

  const balance = async (send: Send, account: number): Promise<number> => {
    const sql = `SELECT balance FROM ${schema}.accounts WHERE id = $1::int`;
    const [row] = await send<{ readonly balance: number }>(sql, [account]);
    return row?.balance ?? Number.NaN;
  };
  const change = async (send: Send, unit: string, account: number, amount: number) => {
    if (level === 'read committed') {
      // Here a balance that was read may be old when it is written: the server adds.
      const sql = `UPDATE ${schema}.accounts SET balance = balance + $1::int WHERE id = $2::int`;
      await send(sql, [amount, account]);
    } else {
      const sql = `UPDATE ${schema}.accounts SET balance = $1::int WHERE id = $2::int`;
      await send(sql, [(await balance(send, account)) + amount, account]);
    }
    const sql = `INSERT INTO ${schema}.entries (unit, account, amount) VALUES ($1, $2::int, $3::int)`;
    await send(sql, [unit, account, amount]);
  };

  const play = async (send: Send, unit: string, plan: Plan): Promise<Result> => {
    if (plan.kind === 'look') {
      let total = 0;
      for (const account of ring) total += await balance(send, account);
      return { total };
    }
    if (plan.kind === 'transfer') {
      await change(send, unit, plan.from, -plan.amount);
      await change(send, unit, plan.to, plan.amount);
      return {};
    }
    const [one, other] = plan.pair;
    const pair = (await balance(send, one)) + (await balance(send, other));
    // Where there is too little, somebody pays in: or soon there would be nothing to take.
    await change(send, unit, one, pair < plan.amount ? 2 * most : -plan.amount);
    return { pair };
  };

  return {
    step(random) {
      const plan = planned(random);
      return log.play(plan, (unit) => client.transaction(level, (send) => play(send, unit, plan)));
    },
    async judge(ask) {
      log.close();
      const units = log.units.map(
        ({ plan, result, ...unit }): BankUnit => ({
          ...unit,
          ...result,
          entries: entriesOf[plan.kind],
        }),
      );
      const accounts = await ask<{ id: number; balance: number }>(
        `SELECT id, balance FROM ${schema}.accounts`,
      );
      const anomalies = checkBank({
        units,
        opening,
        total: ring.length * opening,
        pairs,
        balances: new Map(accounts.map(({ id, balance: has }) => [id, has])),
        entries: await ask<Entry & Record<string, unknown>>(
          `SELECT unit, account, amount FROM ${schema}.entries`,
        ),
      });
      return { told: countTold(units), unclaimed: log.unclaimed, anomalies };
    },
  };
}
