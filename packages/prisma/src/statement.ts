/** An operation outside of any transaction is a shot of its own: a statement, or a transaction that Prisma makes of it. */
import type { Attempt, Shot } from '@carom/core';
import {
  type AttemptLog,
  type Countdown,
  orStale,
  statementShot,
  transactionShot,
} from '@carom/postgres';
import { takeOptions } from './call.js';
import { intentOf, nameOf, refusalOf } from './intent.js';
import type { HookParams } from './internals.js';
import type { Player, Settling } from './player.js';
import { follow, knowingProgress, type Progress, unfollowed } from './progress.js';
import { sendTraced, sendUnit } from './sending.js';
import { Session, watchAbandonment } from './session.js';

/** Prisma gathers those of one turn and sends them as one statement. */
const gathered: ReadonlySet<string> = new Set(['findUnique', 'findUniqueOrThrow']);

/** Plays an attempt at it. */
type Play = (attempt: Attempt, log: AttemptLog) => PromiseLike<unknown>;

/**
 * Plays an operation. Whatever writes and takes several statements, Prisma puts into a transaction
 * of its own, so that a refusal of the server means that nothing was done.
 */
export function playStatement(player: Player, params: HookParams): Promise<unknown> {
  const name = nameOf(params);
  const call = takeOptions(name);
  const settling = player.settling(call);
  const count = player.countdown(call);
  const once = settling.exactlyOnce && isSingleWrite(params);
  let progress: Progress = unfollowed;
  let last: AttemptLog | undefined;
  const send = (): PromiseLike<unknown> => {
    progress = follow(params);
    return params.query(params.args);
  };
  const following =
    (play: Play): Play =>
    (attempt, log) => {
      last = log;
      progress = unfollowed;
      return play(attempt, log);
    };
  const shared = { base: player.baseOf(call), name };
  const shot: Shot<unknown> = once
    ? transactionShot<unknown>({
        ...shared,
        readOnly: false,
        play: following(playOnce(send, settling, count)),
      })
    : statementShot<unknown>({
        ...shared,
        intent: () => intentOf(params),
        refusal: () => refusalOf(params),
        play: following(playAlone(params, send, settling, count)),
      });
  const known = knowingProgress(shot, player.base.datasource, () => ({
    done: progress.done,
    sent: progress.sent,
    abandoned: last?.abandoned ?? false,
  }));
  const play = (): Promise<unknown> => player.play(known, call);
  const stale = staleRead(params, call?.readFrom ?? player.readFrom);
  return stale === undefined ? play() : orStale(player.cushion, play, stale);
}

type Operation = (args: unknown) => PromiseLike<unknown>;

/** The same operation on the client of a replica, if it is one that only reads. Raw SQL stays with the primary. */
function staleRead(
  params: HookParams,
  replica: object | undefined,
): (() => PromiseLike<unknown>) | undefined {
  const { model, operation, args } = params;
  if (replica === undefined || model === undefined || intentOf(params) !== 'read') return undefined;
  const delegate = model.charAt(0).toLowerCase() + model.slice(1);
  const models = replica as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  return () => models[delegate]?.[operation]?.(args) as PromiseLike<unknown>;
}

/** Whether it is a write that leaves its transaction alone. */
function isSingleWrite(params: HookParams): boolean {
  return intentOf(params) === 'write' && refusalOf(params) === undefined;
}

function playAlone(
  params: HookParams,
  send: () => PromiseLike<unknown>,
  settling: Settling,
  count: Countdown,
): Play {
  const onlyRead = (): boolean => intentOf(params) === 'read';
  const isPatient = settling.connectPatience === undefined;
  return (attempt, log) => {
    log.phase = 'statement';
    const isShared = gathered.has(params.operation);
    if (isShared) watchAbandonment(attempt, log);
    const mayBegin = params.model !== undefined && !onlyRead();
    const needsNone = isShared || (!attempt.abandonable && !mayBegin);
    if (needsNone && isPatient) return sendTraced(send, log);
    const errand = { ...settling, log, left: count(), onlyRead };
    const session = new Session(errand, isShared ? undefined : attempt);
    return sendTraced(send, log, session);
  };
}

/** In a transaction, since only a transaction can be asked about. */
function playOnce(send: () => PromiseLike<unknown>, settling: Settling, count: Countdown): Play {
  return (attempt, log) => {
    const errand = { ...settling, log, left: count(), onlyRead: () => false, once: () => true };
    const session = new Session(errand, attempt);
    return sendUnit(() => session.run(send), log, session);
  };
}
