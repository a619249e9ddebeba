/** The progress of an operation tells an extension's own error from one of the database: hooks run inside of Carom's too. */
import { isCaromError, type Shot, type Verdict } from '@carom/core';
import { type Known, recordOutcome, verdictOf } from '@carom/postgres';
import { type Follower, type HookParams, observe } from './internals.js';
import { detach, Session } from './session.js';

/** How far Prisma got with an operation, or with those of a batch, in one attempt. */
export interface Progress {
  /** Whether it was answered; if it wrote, it has written. */
  readonly done: boolean;
  /** Whether it may have been sent before `error` came. */
  sent(error: unknown): boolean;
}

/** One attempt at an operation, followed through Prisma; it is of the session that `follow` is called in. */
export class Following implements Progress, Follower {
  readonly params: HookParams;
  session: Session | undefined;
  sendAll: Follower['sendAll'];
  done = false;
  #started = false;

  constructor(params: HookParams) {
    this.params = params;
  }

  sent(_error: unknown): boolean {
    return this.#started;
  }

  onStart(): void {
    bind(this.params, this.session);
    this.#started = true;
  }

  onDone(): void {
    this.done = true;
  }

  /** Begins to follow, and has Prisma do it: operations of Prisma's are lazy. */
  begin(): PromiseLike<unknown> {
    const session = Session.current();
    this.session = session;
    if (session !== undefined) session.params = this.params;
    observe(this.params, this);
    return this.params.query(this.params.args);
  }
}

/**
 * Makes sure that what Prisma's engine begins in this turn is on nobody else's account: an extension's queue may run it in the
 * context of whoever was there before. It is nobody's then, and unknown if it is lost.
 */
function bind(params: HookParams, session: Session | undefined): void {
  const current = Session.current();
  if (current === undefined) return;
  // An attempt at the same operation that nobody waits for any more is refused where it would be sent.
  if (current === session || current.params === params) current.tie();
  else detach();
}

/**
 * The shot, which does not mistake the error of another extension's hook for its own: one that came
 * before the operation was sent means that nothing was done; after one that came when it was answered
 * it is never played again.
 */
export function knowingProgress<T>(
  shot: Shot<T>,
  datasource: string,
  progress: () => Progress & { readonly abandoned: boolean },
): Shot<T> {
  return {
    name: shot.name,
    service: shot.service,
    play: (attempt) => shot.play(attempt),
    cancel: (reason) => shot.cancel?.(reason),
    phase: () => shot.phase?.(),
    repeatable: () => shot.repeatable?.() ?? true,
    discard: (verdict) => shot.discard?.(verdict),
    judge(error) {
      const known = knownBy(progress(), error);
      return known === undefined ? (shot.judge?.(error) ?? unjudged) : verdictOf(known);
    },
    conclude(error, end) {
      if (!progress().done) return shot.conclude?.(error, end) ?? error;
      const { verdict, attempts, why } = end;
      recordOutcome(error, { outcome: 'committed', verdict, attempts, why, datasource });
      return error;
    },
  };
}

/** What is known of an operation that came so far and failed with `error`, where that is not of the database. */
export function knownBy(
  progress: Progress & { readonly abandoned: boolean },
  error: unknown,
): Known | undefined {
  if (progress.done) return done;
  // Of an abandoned attempt, what was not sent may be sent yet.
  if (progress.abandoned || isPrismas(error) || isCaromError(error) || progress.sent(error)) {
    return undefined;
  }
  return unsent;
}

const done: Known = {
  outcome: 'committed',
  reason: 'it was done, and an extension failed after it',
};
const unsent: Known = {
  outcome: 'not-executed',
  reason: 'an extension failed before it was sent',
};

const unjudged: Verdict = verdictOf({ outcome: 'committed', reason: 'nobody can judge it' });

/** Prisma leaves its version on every error of an operation that goes through it. */
function isPrismas(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    ('clientVersion' in error || (error as { name?: unknown }).name === 'DriverAdapterError')
  );
}
