/** A fault is one thing that goes wrong on the way between a client and its server, and when. */
import type { TransactionCommand } from './sql.js';

/**
 * What sets a fault off: a client connects, sends a cancel request, executes any statement, one that opens or closes a
 * transaction, the n-th statement counted from the injection (from 1), or one whose text contains or matches.
 * A prepared statement that is executed again matches by the text it was prepared with.
 */
export type Trigger =
  | 'connect'
  | 'cancel'
  | 'statement'
  | TransactionCommand
  | { readonly query: number }
  | { readonly matches: string | RegExp };

/** How a connection ends: properly (FIN), or as after a crash of the machine or a firewall's doing (RST). */
export type Ending = 'fin' | 'rst';

interface Timed {
  readonly at: Trigger;
  /** How often it fires before it is done. Default 1. */
  readonly times?: number;
}

/** Ends the connection: before the server hears of it, once it has it, or when it has answered. */
export interface CutFault extends Timed {
  readonly kind: 'cut';
  /**
   * `before`: the message is dropped, and the server's side ends too, so that it rolls back.
   * `after-server`: the message is passed on, the client is cut off at once, the server is left to finish.
   * `after-answer`: the same, but the client waits until the server has answered, and never hears it.
   */
  readonly when: 'before' | 'after-server' | 'after-answer';
  /** Towards the client. Default `fin`. */
  readonly how?: Ending;
}

/** Passes on so many rows of the answer, then ends the connection. */
export interface PartialRowsFault extends Timed {
  readonly kind: 'partialRows';
  readonly rows: number;
  readonly how?: Ending;
}

/** Holds the connection until `resume()`: before the server has the message, or with the answer on its way. */
export interface StallFault extends Timed {
  readonly kind: 'stall';
  /** Default `before`. */
  readonly when?: 'before' | 'after-server';
}

/** Silence on this connection for good: nothing passes and nobody is told. */
export interface BlackHoleFault extends Timed {
  readonly kind: 'blackHole';
  /** Default `before`. */
  readonly when?: 'before' | 'after-server';
}

/** Holds the connection for so many ms. */
export interface DelayFault extends Timed {
  readonly kind: 'delay';
  readonly ms: number;
  /** Default `before`. */
  readonly when?: 'before' | 'after-server';
}

export type Fault = CutFault | PartialRowsFault | StallFault | BlackHoleFault | DelayFault;

/** What a fault was set off by. */
export interface Firing {
  /** Which connection, counted from 1 in the order of connecting. */
  readonly connection: number;
  /** The text that set it off; undefined for `connect` and `cancel`. */
  readonly sql: string | undefined;
}

/** A fault in the queue. */
export interface InjectedFault {
  /** Resolves when it has fired for the first time. Rejects when it is withdrawn, or the proxy closed, before. */
  readonly fired: Promise<Firing>;
  /**
   * Resolves when what it did has come to its end at the server: answered, or rolled back and the connection closed there.
   * Only then does the database hold what it will hold. With `times`, when the last of them has.
   */
  readonly settled: Promise<void>;
  /** How often it has fired. */
  readonly count: number;
  /** Takes it out of the queue. */
  withdraw(): void;
}
