/** Framing cuts the byte stream of the Postgres protocol (version 3) into its messages, in both directions. */

/**
 * One whole message. `type` is the protocol's own letter; the untyped ones have names: `startup`, `ssl`, `gss` and
 * `cancel` from a client, `negotiation` from a server. `opaque` are bytes that cannot be read: TLS, or no Postgres.
 */
export interface Message {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a stream into messages. */
export interface Framer {
  push(chunk: Buffer): readonly Message[];
}

/** The codes in the place where a startup packet has its version. */
const requests: ReadonlyMap<number, string> = new Map([
  [80_877_102, 'cancel'],
  [80_877_103, 'ssl'],
  [80_877_104, 'gss'],
]);

/** Postgres itself takes no startup packet above this (MAX_STARTUP_PACKET_LENGTH). */
const longestStartup = 10_000;

/** Bytes that have come but are not a whole message yet; joined only once there are enough. */
class Inbox {
  #chunks: Buffer[] = [];
  length = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** The first `count` bytes, left where they are. There must be so many. */
  peek(count: number): Buffer {
    if ((this.#chunks[0]?.length ?? 0) < count) this.#chunks = [Buffer.concat(this.#chunks)];
    return (this.#chunks[0] ?? Buffer.alloc(0)).subarray(0, count);
  }

  take(count: number): Buffer {
    const taken = this.peek(count);
    const rest = this.#chunks[0]?.subarray(count);
    if (rest === undefined || rest.length === 0) this.#chunks.shift();
    else this.#chunks[0] = rest;
    this.length -= count;
    return taken;
  }
}

/** The next message with a type letter and a length, if all of it has come. */
function typedMessage(inbox: Inbox): Message | undefined {
  if (inbox.length < 5) return undefined;
  const head = inbox.peek(5);
  const length = head.readInt32BE(1);
  if (length < 4) return { type: 'opaque', bytes: inbox.take(inbox.length) };
  if (inbox.length < length + 1) return undefined;
  return { type: String.fromCharCode(head[0] ?? 0), bytes: inbox.take(length + 1) };
}

/** All messages that `next` finds. */
function drained(next: () => Message | undefined): readonly Message[] {
  const messages: Message[] = [];
  for (let message = next(); message !== undefined; message = next()) messages.push(message);
  return messages;
}

/** What a client sends: untyped requests first, until the startup message. */
export class ClientFramer implements Framer {
  readonly #inbox: Inbox = new Inbox();
  #phase: 'startup' | 'typed' | 'opaque' = 'startup';

  push(chunk: Buffer): readonly Message[] {
    this.#inbox.add(chunk);
    return drained(() => this.#next());
  }

  /** From here on nothing can be read: TLS begins. */
  becomeOpaque(): void {
    this.#phase = 'opaque';
  }

  #next(): Message | undefined {
    if (this.#inbox.length === 0) return undefined;
    if (this.#phase === 'opaque')
      return { type: 'opaque', bytes: this.#inbox.take(this.#inbox.length) };
    const message = this.#phase === 'typed' ? typedMessage(this.#inbox) : this.#startup();
    if (message?.type === 'startup') this.#phase = 'typed';
    if (message?.type === 'opaque' || message?.type === 'cancel') this.#phase = 'opaque';
    return message;
  }

  #startup(): Message | undefined {
    if (this.#inbox.length < 8) return undefined;
    const head = this.#inbox.peek(8);
    const length = head.readInt32BE(0);
    if (length < 8 || length > longestStartup) {
      return { type: 'opaque', bytes: this.#inbox.take(this.#inbox.length) };
    }
    if (this.#inbox.length < length) return undefined;
    return {
      type: requests.get(head.readInt32BE(4)) ?? 'startup',
      bytes: this.#inbox.take(length),
    };
  }
}

/** What a server sends: typed messages, and single bytes where it is asked for encryption. */
export class ServerFramer implements Framer {
  readonly #inbox: Inbox = new Inbox();
  #negotiations = 0;
  #opaque = false;

  push(chunk: Buffer): readonly Message[] {
    this.#inbox.add(chunk);
    return drained(() => this.#next());
  }

  /** The next byte answers a request for encryption. */
  expectNegotiation(): void {
    this.#negotiations += 1;
  }

  becomeOpaque(): void {
    this.#opaque = true;
  }

  #next(): Message | undefined {
    if (this.#inbox.length === 0) return undefined;
    if (this.#opaque) return { type: 'opaque', bytes: this.#inbox.take(this.#inbox.length) };
    if (this.#negotiations > 0) {
      this.#negotiations -= 1;
      const bytes = this.#inbox.take(1);
      if (bytes.toString('latin1') !== 'N') this.#opaque = true;
      return { type: 'negotiation', bytes };
    }
    return typedMessage(this.#inbox);
  }
}
