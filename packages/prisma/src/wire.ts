/** The wire is watched at the driver adapter: how far a statement got, which Prisma's errors do not tell (phase tracking). */
import { processWide } from '@carom/core';
import {
  classify,
  completions,
  type Phase,
  transactionControl,
  watchClient,
} from '@carom/postgres';
import { Connections, close } from './connections.js';
import type { Adapter, Checkout, Client, Pool, Queryable, Send } from './driver.js';

/** How far the statement got that failed. */
export interface Trace {
  readonly phase: Phase;
  /** Whether it was sent in a transaction. An operation by itself can have one of Prisma's making. */
  readonly inTransaction: boolean;
  /** Whether its CommandComplete arrived; `undefined` where that cannot be seen. */
  readonly completed: boolean | undefined;
}

/** By error object. Prisma wraps the errors of its adapter, and keeps them. */
const traces: WeakMap<object, Trace> = processWide('prisma-traces', () => new WeakMap());

/** How far the statement behind an error of Prisma's got; `undefined` where nobody watched. */
export function traceOf(error: unknown): Trace | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { meta } = error as { readonly meta?: { readonly driverAdapterError?: object } | null };
  return traces.get(error) ?? traces.get(meta?.driverAdapterError ?? error);
}

function leaveTrace(error: unknown, trace: Trace): void {
  if (typeof error !== 'object' || error === null) return;
  // One lost connection may end several statements with one error; COMMIT is the one that matters.
  if (traces.get(error)?.phase !== 'commit') traces.set(error, trace);
}

/** The way from a statement to its connection. */
interface Route {
  /** Those of the attempt that it is sent for. */
  readonly connections: Connections | undefined;
  asked: boolean;
  client: Client | undefined;
  /** CommandCompletes that the connection had seen before. */
  before: number | undefined;
}

/** An adapter asks its pool in the same turn in which it is asked itself. */
let current: Route | undefined;

function along<T>(route: Route, send: () => T): T {
  current = route;
  try {
    return send();
  } finally {
    current = undefined;
  }
}

/** Watches an adapter that has just connected. Where it does not look as expected, nothing is claimed. */
export function watchAdapter(adapter: Adapter, pool: Pool | undefined): void {
  const inside = adapter as { client?: unknown };
  if (pool !== undefined && inside.client === pool) inside.client = watchedPool(pool);
  const { startTransaction } = adapter;
  adapter.queryRaw = watchedSend(adapter, adapter.queryRaw);
  adapter.executeRaw = watchedSend(adapter, adapter.executeRaw);
  adapter.startTransaction = async (level) => {
    const route = newRoute();
    try {
      const begun = along(route, () => startTransaction.call(adapter, level));
      return watchTransaction(await begun, route.client);
    } catch (error) {
      leaveTrace(error, { phase: 'begin', inTransaction: true, completed: undefined });
      throw error;
    }
  };
}

function watchedSend(adapter: Adapter, send: Send): Send {
  return (statement) => {
    const route = newRoute();
    return along(route, () => send.call(adapter, statement)).catch((error: unknown) => {
      // An adapter that was not seen to ask its pool may have been anywhere.
      if (route.asked) leaveTrace(error, traceOfRoute(route));
      throw error;
    });
  };
}

function newRoute(): Route {
  const connections = Connections.current();
  return { connections, asked: false, client: undefined, before: undefined };
}

function traceOfRoute({ client, before }: Route): Trace {
  if (client === undefined) return { phase: 'acquire', inTransaction: false, completed: false };
  const after = completions(client);
  const seen = before !== undefined && after !== undefined;
  const completed = seen ? after > before : undefined;
  return { phase: 'statement', inTransaction: false, completed };
}

/** The same pool; what the adapter takes from it is noted. */
function watchedPool(pool: Pool): Pool {
  const connect = (callback?: Checkout): Promise<Client> | undefined => {
    const route = current;
    current = undefined;
    if (route !== undefined) ask(route);
    const take = (client: Client): Client => taken(route, client);
    if (callback === undefined) return pool.connect().then(take);
    pool.connect((error, client, done) => {
      callback(error, client === undefined ? client : take(client), done);
    });
    return undefined;
  };
  return Object.create(pool, { connect: { value: connect } }) as Pool;
}

function ask(route: Route): void {
  route.asked = true;
  route.connections?.ask();
}

function taken(route: Route | undefined, client: Client): Client {
  watchClient(client);
  if (route === undefined) return client;
  route.client = client;
  route.before = completions(client);
  route.connections?.take(client);
  return client;
}

function watchTransaction(transaction: Queryable, client: Client | undefined): Queryable {
  const watched =
    (send: Send): Send =>
    async (statement) => {
      try {
        return await send.call(transaction, statement);
      } catch (error) {
        const phase = phaseOf(statement.sql);
        leaveTrace(error, { phase, inTransaction: true, completed: undefined });
        // Prisma would put it back as if it were well, and the next statement on it would be lost.
        if (phase === 'commit' && client !== undefined && isBad(error)) close(client);
        throw error;
      }
    };
  transaction.queryRaw = watched(transaction.queryRaw);
  transaction.executeRaw = watched(transaction.executeRaw);
  return transaction;
}

function phaseOf(sql: string): Phase {
  const control = transactionControl(sql);
  return control === 'commit' || control === 'rollback' ? control : 'statement';
}

function isBad(error: unknown): boolean {
  return classify(error, { phase: 'commit', inTransaction: true }).connection !== 'keep';
}
