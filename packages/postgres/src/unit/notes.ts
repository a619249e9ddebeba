/** Notes are what a log holds of an attempt that is more than a statement and its answer: most never need a page of them. */
import type { Millis, Verdict } from '@carom/core';
import type { FailureContext } from '../classify/phase.js';
import type { CommitGuard } from '../commit/guard.js';
import type { WaitingRoom } from '../connection/waiting-room.js';
import type { Sent } from './sent.js';

/** One page. */
export class Notes {
  escape: string | undefined = undefined;
  guard: CommitGuard | undefined = undefined;
  limited = false;
  shotBegan: Millis = 0;
  cancel: ((reason: unknown) => PromiseLike<unknown>) | undefined = undefined;
  cancelled = false;
  gated = false;
  waitsIn: WaitingRoom | undefined = undefined;
  seen: Set<unknown> | undefined = undefined;
  sent: Sent | undefined = undefined;
  abandoned: FailureContext | undefined = undefined;
  last: { readonly error: unknown; readonly verdict: Verdict } | undefined = undefined;
  /** With what it ended after it was abandoned. */
  late: { readonly error: unknown } | undefined = undefined;
  over: (() => void) | undefined = undefined;
  isOver = false;
}

/** Who takes notes: the page is made with the first of them. */
export class Noting {
  #page: Notes | undefined = undefined;

  /** As far as there are any. */
  protected get notes(): Notes | undefined {
    return this.#page;
  }

  /** To take one. */
  protected get page(): Notes {
    this.#page ??= new Notes();
    return this.#page;
  }

  /** Why an error after sending does not mean «rolled back»: the work may have committed by itself. */
  get escape(): string | undefined {
    return this.#page?.escape;
  }

  set escape(why: string | undefined) {
    if (why !== undefined) this.page.escape = why;
  }

  /** Stands around its COMMIT, where there is one that can be settled. */
  get guard(): CommitGuard | undefined {
    return this.#page?.guard;
  }

  set guard(guard: CommitGuard | undefined) {
    this.page.guard = guard;
  }

  /** Whether the server was told when its time is over. */
  get limited(): boolean {
    return this.#page?.limited === true;
  }

  set limited(is: boolean) {
    this.page.limited = is;
  }

  /** When the shot began that it is an attempt of, by the system's clock; 0 where nobody needs to know. */
  get shotBegan(): Millis {
    return this.#page?.shotBegan ?? 0;
  }

  set shotBegan(at: Millis) {
    this.page.shotBegan = at;
  }

  /** Cancels what it is doing on the server, told why; resolves when nothing more can be learnt by waiting. */
  get cancel(): ((reason: unknown) => PromiseLike<unknown>) | undefined {
    return this.#page?.cancel;
  }

  set cancel(cancel: ((reason: unknown) => PromiseLike<unknown>) | undefined) {
    this.page.cancel = cancel;
  }

  /** Whether the server was asked to break off a statement: the request may still hit the next one. */
  get cancelled(): boolean {
    return this.#page?.cancelled === true;
  }

  set cancelled(is: boolean) {
    this.page.cancelled = is;
  }

  /** Whether the next attempt waits to be let in: the server gave out no connection. */
  get gated(): boolean {
    return this.#page?.gated === true;
  }

  set gated(is: boolean) {
    this.page.gated = is;
  }

  /** Where it waits for its turn to ask the pool for a connection; undefined where it does not. */
  get waitsIn(): WaitingRoom | undefined {
    return this.#page?.waitsIn;
  }

  set waitsIn(room: WaitingRoom | undefined) {
    this.page.waitsIn = room;
  }
}
