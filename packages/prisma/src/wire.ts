/** The wire is watched at the driver adapter: how far a statement got, which Prisma's errors do not tell (phase tracking). */
import { processWide } from '@carom/core';
import {
  classify,
  completions,
  type Phase,
  recordSettlement,
  transactionControl,
  type WaitingRoom,
} from '@carom/postgres';
import { along, newRoute, type Route, routeOf, watchedPool } from './checkout.js';
import type { Adapter, Pool, Queryable, Send } from './driver.js';
import { cannotGuard } from './no-adapter.js';
import type { Session } from './session.js';

/** How far the statement got that failed. */
export interface Trace {
  readonly phase: Phase;
  /** Whether it was sent in a transaction. An operation by itself can have one of Prisma's making. */
  readonly inTransaction: boolean;
  /** Whether its CommandComplete arrived; `undefined` where that cannot be seen. */
  readonly completed: boolean | undefined;
  /** The driver's connection that it was sent on, where that was seen. */
  readonly connection?: object | undefined;
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

/** Watches an adapter that has just connected. Where it does not look as expected, nothing is claimed. */
export function watchAdapter(adapter: Adapter, pool: Pool | undefined, room?: WaitingRoom): void {
  const inside = adapter as { client?: unknown };
  const isWired = pool !== undefined && inside.client === pool;
  if (isWired) inside.client = watchedPool(pool, room);
  const { startTransaction } = adapter;
  adapter.queryRaw = watchedSend(adapter, adapter.queryRaw, isWired);
  adapter.executeRaw = watchedSend(adapter, adapter.executeRaw, isWired);
  adapter.startTransaction = async (level) => {
    const route = newRoute(level);
    route.session?.enter(isWired);
    if (!isWired && isGuarded(route.session)) throw refused(route.session);
    try {
      const begun = along(route, startTransaction, adapter, level);
      if (!route.asked) route.session?.lose();
      return watchTransaction(await begun, route);
    } catch (error) {
      leaveTrace(error, { phase: 'begin', inTransaction: true, completed: undefined });
      // The adapter sets the isolation level by a statement of its own: still nothing is the caller's.
      const log = route.session?.errand.log;
      if (log?.inTransaction && log.phase === 'statement') log.phase = 'begin';
      throw error;
    }
  };
}

/** Whether something was promised that only a guard keeps. */
function isGuarded(session: Session | undefined): session is Session {
  const { errand } = session ?? {};
  return errand?.once?.() === true || errand?.settling.guarding?.level === 'fence';
}

function refused(session: Session): Error {
  session.refused = cannotGuard('its connections cannot be seen');
  return session.refused;
}

function watchedSend(adapter: Adapter, send: Send, isWired: boolean): Send {
  const isHeard = isWired && hearErrors(adapter);
  return (statement) => {
    const route = newRoute();
    const { session } = route;
    let answer: Promise<unknown>;
    try {
      session?.enter(isWired);
      if (!isWired && session?.errand.once?.() === true) throw refused(session);
      answer = along(route, send, adapter, statement);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    if (!route.asked) session?.lose();
    return isHeard || !isWired ? answer : noting(answer, route);
  };
}

// Apart, since what its closure remembers is allocated where it is called.
function noting(answer: Promise<unknown>, route: Route): Promise<unknown> {
  return answer.catch((error: unknown) => {
    noteFailure(error, route);
    throw error;
  });
}

/** The adapters whose errors are heard where they are made. */
const heard: WeakSet<object> = new WeakSet();

/** Hears where the adapter makes an error of its own of the driver's, which costs no promise; false where it does not so. */
function hearErrors(adapter: Adapter): boolean {
  const { onError } = adapter;
  if (typeof onError !== 'function') return false;
  if (heard.has(adapter)) return true;
  heard.add(adapter);
  adapter.onError = (error) => {
    try {
      return onError.call(adapter, error);
    } catch (made) {
      const route = routeOf(error);
      if (route !== undefined) noteFailure(made, route);
      throw made;
    }
  };
  return true;
}

function noteFailure(error: unknown, route: Route): void {
  // An adapter that was not seen to ask its pool may have been anywhere.
  if (route.asked) leaveTrace(error, traceOfRoute(route));
  passOn(error, route);
}

function traceOfRoute({ client, before, wire, session }: Route): Trace {
  if (client === undefined) return { phase: 'acquire', inTransaction: false, completed: false };
  if (wire !== undefined) {
    const phase = session?.errand.log.phase ?? 'statement';
    return { phase, inTransaction: true, completed: undefined, connection: client };
  }
  const after = completions(client);
  const seen = before !== undefined && after !== undefined;
  const completed = seen ? after > before : undefined;
  return { phase: 'statement', inTransaction: false, completed, connection: client };
}

function watchTransaction(transaction: Queryable, route: Route): Queryable {
  const watched =
    (send: Send): Send =>
    async (statement) => {
      try {
        return await send.call(transaction, statement);
      } catch (error) {
        const phase = phaseOf(statement.sql, route);
        const { client: connection } = route;
        leaveTrace(error, { phase, inTransaction: true, completed: undefined, connection });
        passOn(error, route);
        // Whatever Prisma sends by itself, no hook has seen.
        if (isCommit(statement.sql)) route.session?.errand.log.note(error);
        if (phase === 'commit') explainLoss(error, route);
        throw error;
      }
    };
  transaction.queryRaw = watched(transaction.queryRaw);
  transaction.executeRaw = watched(transaction.executeRaw);
  return transaction;
}

/** What the wire found out about COMMIT, for the error that the adapter made of its own. */
function passOn(error: unknown, { wire }: Route): void {
  if (wire?.settlement !== undefined) recordSettlement(error, wire.settlement);
}

function explainLoss(error: unknown, { session, wire }: Route): void {
  const { lacking } = session?.errand.settling ?? {};
  if (lacking === undefined || wire?.settlement !== undefined) return;
  const { outcome } = classify(error, { phase: 'commit', inTransaction: true });
  if (outcome === 'unknown') recordSettlement(error, { outcome, reason: lacking });
}

const isCommit = (sql: string): boolean => transactionControl(sql) === 'commit';

function phaseOf(sql: string, { wire }: Route): Phase {
  const control = transactionControl(sql);
  // What failed before COMMIT was on its way.
  if (control === 'commit' && wire?.committing === false) return 'statement';
  return control === 'commit' || control === 'rollback' ? control : 'statement';
}
