/** In order goes what the caller sends on a client: what may not overtake what was sent before it waits for its turn. */
import { isSubmittable } from './intent.js';

type Send = (args: unknown[]) => unknown;
type Callback = (error: unknown) => void;

/** Something that waits. */
interface Turn {
  readonly go: () => unknown;
  /** Tells the caller that it is not done; undefined for what is done in any case. */
  readonly refuse?: Callback;
}

/** The turns on one client. */
export class InOrder {
  #waiting: Turn[] = [];
  readonly #held: () => Promise<unknown> | undefined;
  #stop: Promise<unknown> | undefined;

  /** @param held until when what was sent is held back, as it may be at any time; asked before each turn. */
  constructor(held: () => Promise<unknown> | undefined) {
    this.#held = held;
  }

  /** Sends a statement in its turn, and answers in the form in which the answer was asked for. */
  send(args: unknown[], send: Send): unknown {
    if (this.#isFree) return send(args);
    const [first, last] = [args[0], args.at(-1)];
    const go = (): unknown => send(args);
    if (isSubmittable(first)) {
      const { handleError } = first as { readonly handleError?: Callback };
      this.#waiting.push({ go, refuse: (error) => handleError?.call(first, error) });
      return first;
    }
    if (typeof last === 'function') {
      this.#waiting.push({ go, refuse: last as Callback });
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ go: () => resolve(go()), refuse: reject });
    });
  }

  /** Does something in its turn. */
  do(turn: () => void): void {
    if (this.#isFree) turn();
    else this.#waiting.push({ go: turn });
  }

  /**
   * Gives nobody a turn until there is an answer, or its error.
   * @param isFinal whether after this error nothing may be done that was sent before anybody could hear of it.
   */
  stopFor(answer: Promise<unknown>, isFinal: (error: unknown) => boolean = () => false): void {
    const goOn = (): void => {
      this.#stop = undefined;
      while (this.#waiting.length > 0 && this.#isOpen) take(this.#waiting.shift());
    };
    this.#stop = answer;
    answer.then(goOn, (error: unknown) => {
      if (isFinal(error)) this.#refuse(error);
      goOn();
    });
  }

  #refuse(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ refuse }) => refuse === undefined);
    for (const turn of waiting) refuseSoon(turn, error);
  }

  /** Whether nothing has to wait. */
  get #isFree(): boolean {
    return this.#waiting.length === 0 && this.#isOpen;
  }

  get #isOpen(): boolean {
    if (this.#stop !== undefined) return false;
    const held = this.#held();
    if (held !== undefined) this.stopFor(held);
    return held === undefined;
  }
}

/** What is thrown at once where there is no waiting is told here. */
function take(turn: Turn | undefined): void {
  try {
    turn?.go();
  } catch (error) {
    refuseSoon(turn, error);
  }
}

/** A callback that throws is nobody's hindrance. */
function refuseSoon(turn: Turn | undefined, error: unknown): void {
  queueMicrotask(() => turn?.refuse?.(error));
}
