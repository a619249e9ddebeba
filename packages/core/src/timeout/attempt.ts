/** An attempt as the action sees it: its number, and a signal that aborts when nobody waits any more. */

/** One attempt as the action sees it. A spread of it has its number alone: the signal is made when it is looked at. */
export interface Attempt {
  /** Counts from 1. */
  readonly attempt: number;
  /** Aborts when nobody waits for this attempt any more: timeout, or the caller's abort. */
  readonly signal: AbortSignal;
  /** Whether that can happen at all; when not, there is no need to listen. */
  readonly abandonable: boolean;
}

/** Nobody has ended the attempt; any other value may be the reason for it. */
const notEnded = Symbol('not ended');

/** The attempt's number, and a signal that is only made when somebody asks for it. */
export class TimedAttempt implements Attempt {
  readonly attempt: number;
  #controller: AbortController | undefined;
  #ended: unknown = notEnded;

  constructor(attempt: number) {
    this.attempt = attempt;
  }

  get abandonable(): boolean {
    return true;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== notEnded) this.#controller.abort(this.#ended);
    }
    return this.#controller.signal;
  }

  /** Nobody waits for this attempt any more. */
  abandon(reason: unknown): void {
    if (this.#ended === notEnded) this.#ended = reason;
    this.#controller?.abort(reason);
  }

  /** Whether `error` is not the attempt's own, but the reason why nobody waits for it any more. */
  wasEndedBy(error: unknown): boolean {
    return Object.is(this.#ended, error);
  }
}

/** A later attempt that nothing can end early. */
export class UntimedAttempt extends TimedAttempt {
  override get abandonable(): boolean {
    return false;
  }
}

/** Each look gives a signal of its own, or listeners would pile up on a single one. */
class EveryFirstAttempt extends UntimedAttempt {
  override get signal(): AbortSignal {
    return new AbortController().signal;
  }
}

/** The first attempt where nothing can end it early: one object for all of them, so that it costs nothing. */
export const firstAttempt: Attempt = /* @__PURE__ */ Object.freeze(new EveryFirstAttempt(1));
