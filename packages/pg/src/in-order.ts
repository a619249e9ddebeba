/** In order goes what the caller sends on a client: what may not overtake what was sent before it waits for its turn. */
import { isSubmittable } from './intent.js';

type Send = (args: unknown[]) => unknown;
type Callback = (error: unknown) => void;

/** The turns on one client. */
export class InOrder {
  readonly #waiting: (() => void)[] = [];
  readonly #held: () => Promise<unknown> | undefined;
  #stop: Promise<unknown> | undefined;

  /** @param held until when what was sent is held back, as it may be at any time; asked before each turn. */
  constructor(held: () => Promise<unknown> | undefined) {
    this.#held = held;
  }

  /** Sends a statement in its turn, and answers in the form in which the answer was asked for. */
  send(args: unknown[], send: Send): unknown {
    if (this.isFree) return send(args);
    const [first, last] = [args[0], args.at(-1)];
    if (isSubmittable(first)) {
      this.#waiting.push(() => send(args));
      return first;
    }
    if (typeof last === 'function') {
      this.#waiting.push(() => attempt(() => send(args), last as Callback));
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => attempt(() => resolve(send(args)), reject));
    });
  }

  /** Does something in its turn. */
  do(turn: () => void): void {
    if (this.isFree) turn();
    else this.#waiting.push(turn);
  }

  /** Gives nobody a turn until there is an answer, or its error. */
  stopFor(answer: Promise<unknown>): void {
    const goOn = (): void => {
      this.#stop = undefined;
      while (this.#waiting.length > 0 && this.#isOpen) this.#waiting.shift()?.();
    };
    this.#stop = answer;
    answer.then(goOn, goOn);
  }

  /** Whether nothing has to wait. */
  get isFree(): boolean {
    return this.#waiting.length === 0 && this.#isOpen;
  }

  get #isOpen(): boolean {
    if (this.#stop !== undefined) return false;
    const held = this.#held();
    if (held !== undefined) this.stopFor(held);
    return held === undefined;
  }
}

/** What is thrown at once where there is no waiting. */
function attempt(work: () => unknown, failed: Callback): void {
  try {
    work();
  } catch (error) {
    failed(error);
  }
}
