/** A statement shot: one autocommit statement as the engine plays it (retry by outcome). */
import type { Attempt, Shot } from '@carom/core';
import type { Resolver } from '../commit/resolver.js';
import { AttemptLog, type Classify, noting } from './attempt-log.js';
import { conclude } from './conclude.js';
import { discard } from './discard.js';
import { taintScopes } from './scope.js';

/** Read or write. */
export type Intent = 'read' | 'write';

/** One autocommit statement as an adapter describes it. The questions are asked only when needed. */
export interface Statement<T> {
  /** For events and explanations: `order.create`. */
  readonly name: string;
  /** The datasource's name, for people. */
  readonly datasource: string;
  /** The datasource's key, which tells two of them apart. */
  readonly key: string;
  /** The caller's word that doing it twice does no harm. */
  readonly idempotent: boolean;
  readonly classify?: Classify | undefined;
  intent(): Intent;
  /** Why it may never be played again once sent, or `undefined`: it commits by itself. */
  readonly refusal?: (() => string | undefined) | undefined;
  /** Plays one attempt and keeps `log` true: its phase above all. */
  play(attempt: Attempt, log: AttemptLog): PromiseLike<T>;
  /** Asks later what became of it, where the library had put it into a transaction. */
  readonly resolver?: Resolver | undefined;
  /** Throws all of the datasource's connections away: they are as bad as this one. */
  drain?(connection: object | undefined): void | PromiseLike<void>;
}

/** Makes the shot. Once per call: it holds the log of the attempt that is on its way. */
export function statementShot<T>(statement: Statement<T>): Shot<T> {
  const { name, datasource, key, idempotent } = statement;
  const isWrite = (): boolean => statement.intent() === 'write';
  const judging = {
    classify: statement.classify,
    refusal: statement.refusal,
    isWrite: (): boolean => !idempotent && isWrite(),
  };
  let log = new AttemptLog(false, judging);
  if (!idempotent) taintScopes(key, name, isWrite);
  return {
    name,
    service: datasource,
    phase: () => log.phase,
    play(attempt) {
      const mine = new AttemptLog(false, judging, attempt.attempt);
      log = mine;
      return attempt.abandonable
        ? noting(mine, () => statement.play(attempt, mine))
        : statement.play(attempt, mine);
    },
    cancel: (reason) => log.cancel?.(reason),
    judge: (error) => log.verdict(error),
    repeatable: () => log.escape === undefined && (idempotent || !isWrite()),
    discard: (verdict) => discard(statement, verdict, log),
    conclude: (error, end) =>
      conclude(error, end, {
        ...{ datasource, operation: name, phase: log.phase, isWrite: isWrite(), taint: log.escape },
        ...{ ticket: log.guard?.ticket, resolver: statement.resolver },
      }),
  };
}
