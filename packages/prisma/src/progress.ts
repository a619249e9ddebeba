/** The progress of an operation tells an extension's own error from one of the database: hooks run inside of Carom's too. */
import { isCaromError, type Shot, type Verdict } from '@carom/core';
import { recordOutcome } from '@carom/postgres';
import { type HookParams, observe } from './internals.js';
import { detach, Session } from './session.js';

/** How far Prisma got with an operation, or with those of a batch, in one attempt. */
export interface Progress {
  /** Whether it was answered; if it wrote, it has written. */
  readonly done: boolean;
  /** Whether it may have been sent before `error` came. */
  sent(error: unknown): boolean;
}

/** That of an operation which was not followed: anything may have happened. */
export const unfollowed: Progress = Object.freeze({ done: false, sent: () => true });

/** Follows one attempt at an operation, which is of the session that this is called in. */
export function follow(params: HookParams): Progress {
  let [started, done] = [false, false];
  const session = Session.current();
  if (session !== undefined) operations.set(session, params);
  observe(params, {
    onStart: () => {
      bind(params, session);
      started = true;
    },
    onDone: () => {
      done = true;
    },
  });
  return {
    get done() {
      return done;
    },
    sent: () => started,
  };
}

/** What each session was opened for. */
const operations: WeakMap<Session, HookParams> = new WeakMap();

/**
 * Makes sure that what Prisma's engine begins in this turn is on nobody else's account: an extension's queue may run it in the
 * context of whoever was there before. It is nobody's then, and unknown if it is lost.
 */
function bind(params: HookParams, session: Session | undefined): void {
  const current = Session.current();
  if (current === undefined) return;
  // An attempt at the same operation that nobody waits for any more is refused where it would be sent.
  if (current === session || operations.get(current) === params) current.tie();
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
  const verdictOn = (error: unknown): Verdict | undefined => {
    const now = progress();
    if (now.done) return permanent('unknown', 'it was done, and an extension failed after it');
    // Of an abandoned attempt, what was not sent may be sent yet.
    if (now.abandoned || isPrismas(error) || isCaromError(error) || now.sent(error))
      return undefined;
    return permanent('not-executed', 'an extension failed before it was sent');
  };
  return {
    name: shot.name,
    service: shot.service,
    play: (attempt) => shot.play(attempt),
    cancel: (reason) => shot.cancel?.(reason),
    phase: () => shot.phase?.(),
    repeatable: () => shot.repeatable?.() ?? true,
    discard: (verdict) => shot.discard?.(verdict),
    judge: (error) => verdictOn(error) ?? shot.judge?.(error) ?? unjudged,
    conclude(error, end) {
      if (!progress().done) return shot.conclude?.(error, end) ?? error;
      const { verdict, attempts, why } = end;
      recordOutcome(error, { outcome: 'committed', verdict, attempts, why, datasource });
      return error;
    },
  };
}

const unjudged: Verdict = permanent('unknown', 'nobody can judge it');

function permanent(outcome: Verdict['outcome'], reason: string): Verdict {
  return { kind: 'permanent', outcome, connection: 'keep', reason };
}

/** Prisma leaves its version on every error of an operation that goes through it. */
function isPrismas(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    ('clientVersion' in error || (error as { name?: unknown }).name === 'DriverAdapterError')
  );
}
