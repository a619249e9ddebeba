/** The single statements of a wrapped pool: `query` and `connect`, bounced (retried) by outcome. */
import type { Shot } from '@carom/core';
import { countdown, orStale, replayRefusal, statementShot, transactionShot } from '@carom/postgres';
import type { PoolClient } from 'pg';
import { tellBeside } from './beside.js';
import type { Binding } from './binding.js';
import { guardedClient } from './by-hand.js';
import { intentOf, isSubmittable, textOf } from './intent.js';
import { Session } from './session.js';
import { QueryStatement } from './statement.js';
import { playTransaction } from './transaction.js';

type Callback = (error: Error | undefined, ...results: unknown[]) => void;
type Query = (...args: unknown[]) => unknown;

/** `pool.query` in all its forms; cursors and streams go straight to the pool. */
export function queryOn(binding: Binding): Query {
  const { pool, execution, rules, readFrom } = binding;
  const { strategy } = execution;
  return (...args) => {
    if (isSubmittable(args[0])) {
      tellBeside(binding, args[0]);
      return (pool.query as Query).apply(pool, args);
    }
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback) : undefined;
    const shot = isOnce(binding, args[0])
      ? onceShot(binding, args)
      : statementShot(new QueryStatement(binding, args));
    const play = (): Promise<unknown> => strategy.play(shot, rules);
    const result =
      readFrom !== undefined && intentOf(args[0]) === 'read'
        ? orStale(strategy.cushion, play, () => readFrom.query(...(args as [string])))
        : play();
    if (callback === undefined) return result;
    callBack(result, (error, value) => callback(error, value));
    return undefined;
  };
}

/** Whether it is a single write that is to be settled when its answer is lost. */
function isOnce({ exactlyOnce, guarding }: Binding, query: unknown): boolean {
  if (!exactlyOnce || guarding === undefined || intentOf(query) === 'read') return false;
  const text = textOf(query);
  return text !== undefined && replayRefusal(text) === undefined;
}

/** The statement in a transaction of its own, since only a transaction can be asked about. */
function onceShot(source: Binding, args: unknown[]): Shot<unknown> {
  const { base, guarding: guard, execution, rules } = source;
  const count = countdown(execution, rules);
  const callback = (client: PoolClient): unknown =>
    (client.query as Query).apply(client, [...args]);
  return transactionShot<unknown>({
    base,
    name: 'query',
    readOnly: false,
    play: (attempt, log, inside) =>
      playTransaction({ source, begin: 'BEGIN', guard, callback, count }, attempt, log, inside),
  });
}

/** `pool.connect`: bounced until there is a connection; what is done with it is the caller's. */
export function connectOn(binding: Binding): Query {
  const { base, execution, rules } = binding;
  return (callback) => {
    const shot = statementShot<PoolClient>({
      base,
      name: 'connect',
      // What the caller will do with the client cannot be seen from here.
      intent: () => 'write',
      play: async (attempt, log) =>
        guardedClient((await Session.open(binding, attempt, log)).client, binding),
    });
    const client = execution.strategy.play(shot, rules);
    if (typeof callback !== 'function') return client;
    callBack(client, (error, it) => callback(error, it, it?.release ?? nothing));
    return undefined;
  };
}

/** What there is to give back where there is no client. */
const nothing = (): void => {};

/** Calls back outside of any promise: what a callback throws is an uncaught exception then, as with `pg` itself. */
function callBack<T>(result: PromiseLike<T>, told: (error?: Error, value?: T) => void): void {
  result.then(
    (value) => queueMicrotask(() => told(undefined, value)),
    (error: Error) => queueMicrotask(() => told(error)),
  );
}
