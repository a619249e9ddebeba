/** A statement shot: one autocommit statement as the engine plays it (retry by outcome). */
import type { Attempt, FailedShot, Shot, Verdict } from '@carom/core';
import { recordOutcome } from '../outcome/record.js';
import { AttemptLog, type Classify, type Judging, noting } from './attempt-log.js';
import type { UnitBase } from './base.js';
import { conclude } from './conclude.js';
import { discard } from './discard.js';
import { enterScope, openScope, type Scope, taintScopes } from './scope.js';

/** Read or write. */
export type Intent = 'read' | 'write';

/** What became of a statement for certain, whatever its error says. */
export interface Known {
  readonly outcome: 'committed' | 'not-executed';
  readonly reason: string;
}

/** One autocommit statement as an adapter describes it. The questions are asked only when needed. */
export interface Statement<T> {
  /** For events and explanations: `order.create`. */
  readonly name: string;
  readonly base: UnitBase;
  intent(): Intent;
  /** Why it may never be played again once sent, or `undefined`: it commits by itself. */
  refusal?(): string | undefined;
  /** What is known of it where `error` is none of the database: the caller's own code failed before it was sent, or after its answer. */
  known?(error: unknown): Known | undefined;
  /** Plays one attempt and keeps `log` true: its phase above all. */
  play(attempt: Attempt, log: AttemptLog): PromiseLike<T>;
}

/** Makes the shot. Once per call: it holds the log of the attempt that is on its way. */
export function statementShot<T>(statement: Statement<T>): Shot<T> {
  return new StatementShot(statement);
}

/**
 * The same for one that somebody else's code is a part of, as a hook is: a write of that code's own is not undone with the
 * statement, so that it is not played again.
 */
export function hookedStatementShot<T>(statement: Statement<T>): Shot<T> {
  return new HookedShot(statement);
}

/** Methods and no closures: when all is well one object is all that a shot costs beside its attempt. */
class StatementShot<T> implements Shot<T>, Judging {
  readonly #statement: Statement<T>;
  #log: AttemptLog | undefined;

  constructor(statement: Statement<T>) {
    this.#statement = statement;
    const { idempotent, key } = statement.base;
    if (!idempotent) taintScopes(key, this);
  }

  get name(): string {
    return this.#statement.name;
  }

  get service(): string {
    return this.#statement.base.datasource;
  }

  get classify(): Classify | undefined {
    return this.#statement.base.classify;
  }

  play(attempt: Attempt): PromiseLike<T> {
    const log = new AttemptLog(false, this, attempt.attempt);
    this.#log = log;
    return attempt.abandonable
      ? noting(log, () => this.#statement.play(attempt, log))
      : this.#statement.play(attempt, log);
  }

  cancel(reason: unknown): PromiseLike<unknown> | undefined {
    return this.#current.cancelFor(reason);
  }

  judge(error: unknown): Verdict {
    const known = this.#statement.known?.(error);
    return known === undefined ? this.#current.verdict(error) : verdictOf(known);
  }

  phase(): string {
    return this.#current.phase;
  }

  repeatable(): boolean {
    return this.#current.escape === undefined && !this.isWrite();
  }

  discard(verdict: Verdict): void | PromiseLike<void> {
    return discard(this.#statement, verdict, this.#current);
  }

  conclude(error: unknown, end: FailedShot): unknown {
    const { name, base } = this.#statement;
    if (this.#statement.known?.(error)?.outcome === 'committed') {
      const { verdict, attempts, why } = end;
      const { datasource } = base;
      recordOutcome(error, { outcome: 'committed', verdict, attempts, why, datasource });
      return error;
    }
    const { phase, guard } = this.#current;
    const { taint } = this;
    const isWrite = this.#statement.intent() === 'write';
    return conclude(error, end, {
      ...{ datasource: base.datasource, operation: name, phase, isWrite, taint },
      ...{ ticket: guard?.ticket, resolver: base.resolver },
    });
  }

  refusal(): string | undefined {
    return this.#statement.refusal?.();
  }

  isWrite(): boolean {
    return !this.#statement.base.idempotent && this.#statement.intent() === 'write';
  }

  /** Why it could not be played again, if it could not. */
  protected get taint(): string | undefined {
    return this.#current.escape;
  }

  /** Of the last attempt; where none was let in, of one that has sent nothing. */
  get #current(): AttemptLog {
    this.#log ??= new AttemptLog(false, this);
    return this.#log;
  }
}

/** Apart, since a place for the scope in each shot would be weight. */
class HookedShot<T> extends StatementShot<T> {
  readonly #base: UnitBase;
  #scope: Scope | undefined = undefined;

  constructor(statement: Statement<T>) {
    super(statement);
    this.#base = statement.base;
  }

  override async play(attempt: Attempt): Promise<T> {
    const scope = openScope(this.#base.key);
    this.#scope = scope;
    try {
      return await enterScope(scope, () => super.play(attempt));
    } finally {
      scope.settled = true;
    }
  }

  override judge(error: unknown): Verdict {
    const verdict = super.judge(error);
    const beside = this.#beside;
    if (beside === undefined) return verdict;
    return { ...verdict, kind: 'permanent', reason: `${verdict.reason}; ${beside}` };
  }

  protected override get taint(): string | undefined {
    return super.taint ?? this.#beside;
  }

  get #beside(): string | undefined {
    return this.#base.idempotent ? undefined : this.#scope?.taint;
  }
}

/** What is known needs no classification: it is never played again. */
export function verdictOf({ outcome, reason }: Known): Verdict {
  const done = outcome === 'committed' ? 'unknown' : outcome;
  return { kind: 'permanent', outcome: done, connection: 'keep', reason };
}
