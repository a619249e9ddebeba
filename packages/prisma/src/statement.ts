/** An operation outside of any transaction is a shot of its own: a statement, or a transaction that Prisma makes of it. */
import type { Shot } from '@carom/core';
import {
  type ExecutionCallOptions,
  hookedStatementShot,
  orStale,
  statementShot,
  transactionShot,
} from '@carom/postgres';
import { takeOptions } from './call.js';
import { FirstAttempt } from './first-attempt.js';
import { intentOf, refusalOf } from './intent.js';
import type { HookParams } from './internals.js';
import { Operation } from './operation.js';
import type { Player } from './player.js';
import { knowingProgress } from './progress.js';

/**
 * Plays an operation. Whatever writes and takes several statements, Prisma puts into a transaction
 * of its own, so that a refusal of the server means that nothing was done.
 */
export function playStatement(player: Player, params: HookParams): Promise<unknown> {
  const call = takeOptions(params);
  const operation = new Operation(player, params, call);
  const isOnce = operation.settling.exactlyOnce && isSingleWrite(params);
  const { hooked } = player;
  const alone = hooked ? hookedStatementShot : statementShot;
  const shot = isOnce ? onceShot(operation, hooked) : alone(operation);
  const replica = call?.readFrom ?? player.readFrom;
  const stale = replica === undefined ? undefined : staleRead(params, replica);
  if (stale !== undefined) return playOrStale(player, shot, call, stale);
  const permit = isOnce || hooked || call !== undefined ? 0 : player.enter();
  if (permit === 0) return player.play(shot, call);
  return new FirstAttempt(player.strategy, shot, operation, permit).play();
}

// Apart, since what its closure remembers is allocated where it is called.
function playOrStale(
  player: Player,
  shot: Shot<unknown>,
  call: ExecutionCallOptions | undefined,
  stale: () => PromiseLike<unknown>,
): Promise<unknown> {
  return orStale(player.cushion, () => player.play(shot, call), stale);
}

function onceShot(operation: Operation, hooked: boolean): Shot<unknown> {
  const { base, name } = operation;
  const shot = transactionShot<unknown>({
    base,
    name,
    readOnly: false,
    play: (attempt, log, inside) => {
      const send = (): Promise<unknown> => operation.playOnce(attempt, log);
      return hooked ? inside(send) : send();
    },
  });
  return knowingProgress(shot, base.datasource, () => operation.progress);
}

type Method = (args: unknown) => PromiseLike<unknown>;

/** The same operation on the client of a replica, if it is one that only reads. Raw SQL stays with the primary. */
function staleRead(params: HookParams, replica: object): (() => PromiseLike<unknown>) | undefined {
  const { model, operation, args } = params;
  if (model === undefined || intentOf(params) !== 'read') return undefined;
  const delegate = model.charAt(0).toLowerCase() + model.slice(1);
  const models = replica as Readonly<Record<string, Readonly<Record<string, Method>>>>;
  return () => models[delegate]?.[operation]?.(args) as PromiseLike<unknown>;
}

/** Whether it is a write that leaves its transaction alone. */
function isSingleWrite(params: HookParams): boolean {
  return intentOf(params) === 'write' && refusalOf(params) === undefined;
}
