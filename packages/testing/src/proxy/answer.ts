/** An answer watch follows the server's messages until the answer to one statement is complete. */
import type { Message } from './messages.js';

/** Counts what was asked and what was answered on one connection. */
export class Cycles {
  /** Requests that a ReadyForQuery will answer: the startup, simple queries, function calls and Syncs. */
  asked = 0;
  answered = 0;

  fromClient({ type }: Message): void {
    if (type === 'startup' || type === 'Q' || type === 'F' || type === 'S') this.asked += 1;
  }

  fromServer({ type }: Message): void {
    if (type === 'Z') this.answered += 1;
  }
}

/** Ends what a client that sends Flush instead of Sync gets per step; CopyIn waits for the client. */
const stepEnds = new Set(['C', 's', 'I', 'E', 'G']);

/** Watches for one answer. */
export class AnswerWatch {
  readonly #cycles: Cycles;
  readonly #cycle: number;
  readonly #type: string;
  /** How the server was told to answer; an extended statement waits for it in the next message. */
  #told: 'nothing' | 'sync' | 'flush';
  rows = 0;

  /** To be made before `message` is passed on. */
  constructor(cycles: Cycles, message: Message) {
    this.#cycles = cycles;
    this.#cycle = cycles.asked + 1;
    this.#type = message.type;
    this.#told = message.type === 'E' ? 'nothing' : 'sync';
  }

  /** Whether the server has all it needs to answer. */
  get asked(): boolean {
    return this.#told !== 'nothing';
  }

  /** Notes what the client sent after the statement. */
  fromClient({ type }: Message): void {
    if (this.#told === 'nothing' && type === 'S') this.#told = 'sync';
    if (this.#told === 'nothing' && type === 'H') this.#told = 'flush';
  }

  /** Whether the server's next message belongs to this answer, and not to an earlier one. */
  get current(): boolean {
    return this.#cycles.answered === this.#cycle - 1;
  }

  /** Notes a message of the answer; true when it was the last. */
  fromServer({ type }: Message): boolean {
    if (type === 'D') this.rows += 1;
    // While connecting, the first word of the server says that it was there.
    if (this.#type === 'startup' || this.#type === 'cancel') return true;
    if (type === 'Z' || type === 'G') return true;
    return this.#told === 'flush' && stepEnds.has(type);
  }
}
