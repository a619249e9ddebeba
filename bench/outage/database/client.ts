/** A client of the simulated Postgres, as `pg-pool` and Carom use one of `pg`: with its promises, its callbacks and its pipeline. */
import { EventEmitter } from 'node:events';
import type { Millis } from '@carom/core';
import type { Database } from './database.js';
import { notQueryable, refused, reset, said, terminated } from './errors.js';
import type { Route } from './network.js';
import type { End, Result, Session } from './session.js';

type Callback = (error: Error | undefined, value?: unknown) => void;
type Text = string | { readonly text: string; readonly values?: readonly unknown[] };

/** How long it takes to make a connection, to hear that none can be made, and to hear that one has ended, in ms. */
const connectTime: Millis = 5;
const refuseTime: Millis = 0.5;
const endTime: Millis = 0.5;
/** How long it takes to hear that a connection is not known any more, in ms. */
const forgottenTime: Millis = 1;

/** What whoever waits on a connection hears when it ends: some say why, the network does not. */
const lost: Readonly<Record<End, (chance: number) => Error>> = {
  killed: () => said('57P01', 'FATAL'),
  cut: reset,
  crashed: (chance) => (chance < 0.5 ? reset() : terminated()),
  closed: terminated,
  idled: () => said('25P03', 'FATAL'),
};

/** The class of the clients of one database; `onConnect` is told of each that tries to connect. */
export function clientOf(database: Database, onConnect: () => void): new () => EventEmitter {
  return class Client extends SimulatedClient {
    constructor() {
      super(database, onConnect);
    }
  };
}

class SimulatedClient extends EventEmitter {
  readonly connection: object;
  /** As in pg from 8.23 on; what is sent is in no queue of the client's here. */
  pipeline = false;
  readonly _queryQueue: readonly unknown[] = [];
  readonly _sentQueryQueue: readonly unknown[] = [];
  _queryable = true;
  _ending = false;
  _ended = false;
  readonly #database: Database;
  readonly #onConnect: () => void;
  /** Those who wait for an answer. */
  readonly #waiting: Set<Callback> = new Set();
  #session: Session | undefined;
  #route: Route | undefined;

  constructor(database: Database, onConnect: () => void) {
    super();
    this.#database = database;
    this.#onConnect = onConnect;
    this.connection = { stream: { destroy: () => this.#hangUp(), unref: () => {} } };
  }

  get processID(): number | undefined {
    return this.#session?.pid;
  }

  connect(callback?: Callback): Promise<unknown> | undefined {
    return promised(callback, (told) => {
      this.#onConnect();
      this.#waiting.add(told);
      const route = this.#database.network.open();
      this.#route = route;
      if (!route.carries()) return;
      const isUp = this.#database.isUp;
      this.#database.later(isUp ? connectTime : refuseTime, () => {
        if (!this.#waiting.has(told) || !route.carries()) return;
        this.#waiting.delete(told);
        if (!this.#database.isUp) {
          route.close();
          told(isUp ? reset() : refused());
          return;
        }
        this.#session = this.#database.open();
        this.#session.onLost = (end) => {
          if (route.carries()) this.#lost(lost[end](this.#database.random()));
        };
        told(undefined, this);
      });
    });
  }

  query(query: Text, ...rest: readonly unknown[]): Promise<unknown> | undefined {
    const last = rest.at(-1);
    const { text, values = [] } =
      typeof query === 'string'
        ? { text: query, values: Array.isArray(rest[0]) ? (rest[0] as unknown[]) : [] }
        : query;
    return promised(typeof last === 'function' ? (last as Callback) : undefined, (told) => {
      if (!this._queryable || this.#session === undefined) {
        this.#database.later(0, () => told(notQueryable()));
        return;
      }
      this.#waiting.add(told);
      const units = text === 'COMMIT' ? [...(this.#session.transaction?.units ?? [])] : [];
      if (!this.#carries(units)) return;
      if (!this.#session.isOpen) {
        this.#database.later(forgottenTime, () => this.#lost(reset()));
        return;
      }
      const tell = (error: Error | undefined, value?: Result | readonly Result[]): void => {
        if (this.#carries(units) && this.#waiting.delete(told)) told(error, value);
      };
      this.#session.send({ text, values, answer: (it) => tell(undefined, it), fail: tell });
    });
  }

  /** Whether it comes to the other end; if not, nobody can say of these units what became of them. */
  #carries(units: readonly number[]): boolean {
    const carries = this.#route?.carries() === true;
    if (!carries) for (const unit of units) this.#database.caught.add(unit);
    return carries;
  }

  end(callback?: () => void): Promise<unknown> | undefined {
    this._ending = true;
    const isHeard = this.#route?.carries() !== false;
    if (isHeard) this.#session?.end('closed');
    this.#route?.close();
    return promised(callback, (told) => {
      // Where somebody waits `pg` hangs up. Else it says goodbye, and listens for the answer.
      if (!isHeard && this._queryable && this.#waiting.size === 0) return;
      this.#database.later(endTime, () => {
        this.#over(terminated());
        told(undefined);
      });
    });
  }

  /** The socket is gone at once: the server may hear of it, and goes on with a COMMIT that it has. */
  #hangUp(): void {
    const session = this.#session;
    if (session !== undefined) session.onLost = () => {};
    if (this.#route?.carries()) session?.end('cut');
    this.#route?.close();
    this.#database.later(0, () => this.#over(terminated()));
  }

  #lost(error: Error): void {
    this._queryable = false;
    // Who waits hears it first; of those behind it `pg` says only that the connection has ended.
    const [first, ...others] = this.#waiting;
    this.#waiting.clear();
    first?.(error);
    for (const told of others) told(terminated());
    if (!this._ending) this.emit('error', error);
    this.#over(terminated());
  }

  #over(error: Error): void {
    this._queryable = false;
    this.#route?.close();
    for (const told of [...this.#waiting]) told(error);
    this.#waiting.clear();
    if (this._ended) return;
    this._ended = true;
    this.emit('end');
  }
}

function promised(
  callback: Callback | undefined,
  start: (told: Callback) => void,
): Promise<unknown> | undefined {
  if (callback !== undefined) {
    start(callback);
    return undefined;
  }
  return new Promise((resolve, reject) => {
    start((error, value) => (error === undefined ? resolve(value) : reject(error)));
  });
}
