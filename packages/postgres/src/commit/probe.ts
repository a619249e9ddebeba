/** The probe asks a transaction for its id (xid), or puts its token in, on the way: behind a write, in the same flight. */
import { standsBehind } from '../sql/words.js';
import { type Sent, sendAlong } from './along.js';
import { type Answer, asking, lastAnswer, type WireClient } from './wire.js';

/** What is used of the inside of a `pg` client from 8.23 on, whose pipeline mode sends without waiting. */
interface Pipelining {
  pipeline: boolean;
  readonly _queryQueue: readonly unknown[];
  readonly _sentQueryQueue: readonly unknown[];
}

function pipelining(client: WireClient): Pipelining | undefined {
  const inside = client as WireClient & Partial<Pipelining>;
  const known =
    typeof inside.pipeline === 'boolean' &&
    Array.isArray(inside._queryQueue) &&
    Array.isArray(inside._sentQueryQueue);
  return known ? (inside as WireClient & Pipelining) : undefined;
}

/** Sends the statements of one client, and probes behind them. */
export class Probe {
  readonly #client: WireClient;
  readonly #query: WireClient['query'];
  readonly #inside: Pipelining | undefined;
  /** What the user sent while a probe was on its way, in pipeline mode that the user did not ask for. */
  #held: (() => void)[] | undefined;

  /** @param query the client's own, whoever listens on it. */
  constructor(client: WireClient, query: WireClient['query']) {
    this.#client = client;
    this.#query = query;
    this.#inside = pipelining(client);
  }

  /** Sends a statement of the user's, and returns what the client returns. */
  send(args: unknown[]): unknown {
    return this.#held === undefined ? this.#query.apply(this.#client, args) : this.#hold(args);
  }

  /**
   * Sends a statement of the user's, and `text` behind it without waiting for its answer. That is undefined where the driver cannot,
   * or has more in its queue: `text` is to be asked by itself then.
   */
  sendWith(args: unknown[], text: string): Sent {
    if (this.#held !== undefined) return { result: this.#hold(args) };
    const send = (): unknown => this.#query.apply(this.#client, args);
    // One Sync has place for several statements, but each has to be sent as one.
    const sent = text.includes(';') ? { result: send() } : sendAlong(this.#client, text, send);
    return sent.answer === undefined ? { ...sent, answer: this.#ride(text) } : sent;
  }

  /** Sends `text` behind the statement that was just sent. */
  #ride(text: string): Promise<Answer> | undefined {
    const inside = this.#inside;
    const busy = inside === undefined || this.#held !== undefined || inside._queryQueue.length > 0;
    if (busy) return undefined;
    if (!inside.pipeline) {
      inside.pipeline = true;
      this.#held = [];
    }
    return new Promise((resolve, reject) => {
      // By callback, which comes before the client looks for the next statement to send.
      this.#query.call(this.#client, asking(text), (error: unknown, result: unknown) => {
        this.#release(inside);
        if (error) reject(error as Error);
        else resolve(lastAnswer(result));
      });
    });
  }

  /** The user never notices: it would have waited for the statement before it in any case. */
  #hold(args: unknown[]): unknown {
    const [first, last] = [args[0], args.at(-1)];
    const send = (): unknown => this.#query.apply(this.#client, args);
    if (typeof (first as { submit?: unknown } | null | undefined)?.submit === 'function') {
      this.#held?.push(send);
      return first;
    }
    if (typeof last === 'function') {
      this.#held?.push(send);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#held?.push(() => resolve(send()));
    });
  }

  #release(inside: Pipelining): void {
    if (this.#held === undefined) return;
    const held = this.#held;
    this.#held = undefined;
    inside.pipeline = false;
    for (const send of held) send();
  }
}

/** What has the server wait for data, and take a question for a broken protocol: the driver would have answered that there is none. */
export const copies = (sql: string): boolean =>
  standsBehind(sql, /\bcopy\b/i, /\bstd(?:in|out)\b/i);
