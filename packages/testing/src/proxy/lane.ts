/** A lane is one direction of a connection: messages in their order, each after its delay, none while frozen. */
import type { Socket } from 'node:net';
import type { Ending } from './faults.js';
import type { Framer, Message } from './messages.js';

/** What a lane is made of. */
export interface LaneParts {
  readonly source: Socket;
  readonly framer: Framer;
  /** The network delay of this direction now, in ms. */
  readonly delay: () => number;
  readonly onMessage: (message: Message) => void;
  /** The source has ended, and all that it sent before has been handled. */
  readonly onEnd: (ending: Ending) => void;
}

interface Item {
  readonly due: number;
  readonly what: Message | Ending;
}

/** With so many bytes waiting the source is not read, as by a network that takes no more. */
const waitingLimit = 4_194_304;

const sizeOf = (what: Message | Ending): number =>
  typeof what === 'string' ? 0 : what.bytes.length;

export class Lane {
  readonly #parts: LaneParts;
  readonly #frozenBy: Set<string> = new Set();
  #items: Item[] = [];
  #waiting = 0;
  #ended = false;
  #abandoned = false;
  #jammed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const { source, framer } = parts;
    source.on('data', (chunk) => {
      if (this.#abandoned) return;
      for (const message of framer.push(chunk)) this.#add(message);
      this.#pump();
    });
    source.on('end', () => this.#end('fin'));
    source.on('error', () => this.#end('rst'));
    source.on('close', () => this.#end('rst'));
  }

  /** Lets nothing pass until each reason has been thawed. */
  freeze(reason: string): void {
    this.#frozenBy.add(reason);
  }

  thaw(reason: string): void {
    if (this.#frozenBy.delete(reason)) this.#pump();
  }

  /** Reads on, so that the socket can close, but handles nothing more. */
  abandon(): void {
    this.#abandoned = true;
    this.#items = [];
    this.#waiting = 0;
    clearTimeout(this.#timer);
    this.#parts.source.resume();
  }

  /** Does not read on until `destination` has taken what it was given. */
  jam(destination: Socket): void {
    if (this.#jammed) return;
    this.#jammed = true;
    this.#parts.source.pause();
    const go = (): void => {
      destination.off('drain', go).off('close', go);
      this.#jammed = false;
      this.#readOn();
    };
    destination.on('drain', go).on('close', go);
  }

  #end(ending: Ending): void {
    if (this.#ended || this.#abandoned) return;
    this.#ended = true;
    this.#add(ending);
    this.#pump();
  }

  #add(what: Message | Ending): void {
    const delay = this.#parts.delay();
    this.#items.push({ due: delay === 0 ? 0 : performance.now() + delay, what });
    this.#waiting += sizeOf(what);
    if (this.#waiting > waitingLimit) this.#parts.source.pause();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    while (this.#frozenBy.size === 0) {
      const item = this.#items[0];
      if (item === undefined) break;
      const wait = item.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(wait));
        break;
      }
      this.#items.shift();
      this.#waiting -= sizeOf(item.what);
      if (typeof item.what === 'string') this.#parts.onEnd(item.what);
      else this.#parts.onMessage(item.what);
    }
    this.#readOn();
  }

  #readOn(): void {
    if (!this.#jammed && this.#waiting <= waitingLimit) this.#parts.source.resume();
  }
}
