/** The types of a wrapped Knex, checked by the compiler: they are those of the Knex that was wrapped. */

import { createStrategy } from '@carom/core';
import { type CaromKnex, type ExecutionCallOptions, wrapKnex } from '@carom/knex';
import { expectTypeOf } from 'expect-type';
import knex, { type Knex } from 'knex';

interface Parcel {
  readonly id: number;
  readonly label: string;
  readonly sent: Date | null;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    parcels: Parcel;
    parcels_composite: Knex.CompositeTableType<
      Parcel,
      Pick<Parcel, 'label'> & Partial<Pick<Parcel, 'sent'>>,
      Partial<Omit<Parcel, 'id'>>
    >;
  }
}

const plain = knex({ client: 'pg' });
const db = wrapKnex(plain);

export async function typesOfTables(): Promise<void> {
  expectTypeOf(await db('parcels').select('id', 'label')).toEqualTypeOf<
    Pick<Parcel, 'id' | 'label'>[]
  >();
  expectTypeOf(await db('parcels').first()).toEqualTypeOf<Parcel | undefined>();
  expectTypeOf(await db('parcels').pluck('label')).toEqualTypeOf<string[]>();
  expectTypeOf(await db('parcels').insert({ label: 'a' }).returning('id')).toEqualTypeOf<
    Pick<Parcel, 'id'>[]
  >();
  expectTypeOf(await db.carom({ idempotent: true })('parcels').select()).toEqualTypeOf<Parcel[]>();
  expectTypeOf(
    await db.carom({ timeout: 10 }).carom({ retries: 1 })('parcels').select('sent'),
  ).toEqualTypeOf<Pick<Parcel, 'sent'>[]>();
  await db('parcels_composite').insert({ label: 'a' });

  // @ts-expect-error: there is no such column
  await db('parcels').insert({ lable: 'a' });
  // @ts-expect-error: a label is a string
  await db('parcels').insert({ label: 1 });
  // @ts-expect-error: a label is a string
  await db.carom({})('parcels').where({ label: 1 });
  // @ts-expect-error: the server makes the id
  await db('parcels_composite').insert({ id: 1, label: 'a' });
  // @ts-expect-error: an id is never changed
  await db('parcels_composite').update({ id: 2 });
}

export async function typesOfTransactions(): Promise<void> {
  const labels = await db.transaction(async (trx) => {
    expectTypeOf(trx).toEqualTypeOf<Knex.Transaction>();
    return await trx('parcels').pluck('label');
  });
  expectTypeOf(labels).toEqualTypeOf<string[]>();
  const same = await plain.transaction((trx) => trx('parcels').select('label'));
  expectTypeOf(await db.transaction((trx) => trx('parcels').select('label'))).toEqualTypeOf(same);
  expectTypeOf(await db.transaction()).toEqualTypeOf<Knex.Transaction>();
  expectTypeOf(
    await db.carom({ retries: 1 }).transaction(async () => 1, { readOnly: true }),
  ).toEqualTypeOf<number>();
  expectTypeOf(db.transactionProvider()).toEqualTypeOf<Knex.TransactionProvider>();
  // @ts-expect-error: no such level
  await db.transaction(async () => {}, { isolationLevel: 'chaos' });
}

export function typesOfWrapping(): void {
  interface Row {
    readonly id: number;
  }
  const typed = knex<Row, Row[]>({ client: 'pg' });
  expectTypeOf(wrapKnex(typed)).toEqualTypeOf<CaromKnex<Knex<Row, Row[]>>>();
  expectTypeOf(wrapKnex(typed)).toExtend<Knex<Row, Row[]>>();
  expectTypeOf(wrapKnex(plain, createStrategy({ retries: 1 }))).toEqualTypeOf<
    CaromKnex<typeof plain>
  >();
  expectTypeOf(db.carom).parameter(0).toEqualTypeOf<ExecutionCallOptions>();
  expectTypeOf(db).toExtend<Knex>();

  // @ts-expect-error: not a Knex
  wrapKnex('postgres://localhost');
  // @ts-expect-error: a misspelt option
  wrapKnex(plain, { retires: 3 });
  // @ts-expect-error: idempotence is for calls, not for all writes of a client
  wrapKnex(plain, { idempotent: true });
  // @ts-expect-error: a misspelt option of a call
  db.carom({ idempotant: true });
}
