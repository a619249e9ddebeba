/** A checkout is a connection on its way from the pool to a statement: the adapter's pool is watched for it. */
import { completions, traced, type WaitingRoom, watchClient } from '@carom/postgres';
import type { Checkout, Client, Pool } from './driver.js';
import { type Isolation, isolationOf } from './isolation.js';
import { sendOnce } from './once.js';
import { putBack, Session } from './session.js';
import { takeFrom, taking } from './take.js';
import { TransactionWire } from './transaction-wire.js';

/** The way from a statement to its connection. */
export interface Route {
  /** That of the attempt that it is sent for. */
  readonly session: Session | undefined;
  asked: boolean;
  client: Client | undefined;
  /** CommandCompletes that the connection had seen before. */
  before: number | undefined;
  /** Of a transaction that is an attempt's. */
  wire: TransactionWire | undefined;
  /** That which a transaction is asked for. */
  readonly isolation: Isolation | undefined;
}

/** An adapter asks its pool in the same turn in which it is asked itself. */
let current: Route | undefined;

/** @param level the isolation level that a transaction is asked for. */
export function newRoute(level?: unknown): Route {
  return {
    session: Session.current(),
    asked: false,
    client: undefined,
    before: undefined,
    wire: undefined,
    isolation: isolationOf(level),
  };
}

/** Has what the adapter takes from its pool at once, as it sends, go along the route. */
export function along<A, I, T>(
  route: Route,
  send: (this: A, input: I) => T,
  adapter: A,
  input: I,
): T {
  current = route;
  try {
    return send.call(adapter, input);
  } finally {
    current = undefined;
  }
}

/** Along which routes the driver failed. */
const failures: WeakMap<object, Route> = new WeakMap();

/** The route that an error of the driver's came along. */
export function routeOf(error: unknown): Route | undefined {
  return typeof error === 'object' && error !== null ? failures.get(error) : undefined;
}

function failed(error: unknown, route: Route): void {
  if (typeof error === 'object' && error !== null) failures.set(error, route);
}

/** The same pool; what the adapter takes from it is noted, and waited for in `room`. */
export function watchedPool(pool: Pool, room?: WaitingRoom): Pool {
  const take = takeFrom(pool, room);
  const connect = (callback?: Checkout): Promise<Client> | undefined => {
    const route = current;
    current = undefined;
    if (route !== undefined) ask(route);
    // By promise for a transaction, by callback for a statement.
    if (callback === undefined) {
      return taking(take, route?.session).then((client) => wired(route, client));
    }
    take(route?.session, (error, client, done) => {
      callback(error, client === undefined ? client : taken(route, client), done);
    });
    return undefined;
  };
  const query = (...args: unknown[]): unknown => {
    const route = current;
    if (route === undefined || args.length !== 1) return pool.query.apply(watched, args);
    if (route.session?.errand.once?.() === true) {
      current = undefined;
      ask(route);
      return sendOnce(
        async () => wired(route, await taking(take, route.session)),
        args,
        () => route.wire,
      ).catch((error: unknown) => {
        failed(error, route);
        throw error;
      });
    }
    // By callback: the pool itself would make two promises of it.
    return new Promise((resolve) => {
      pool.query.call(watched, args[0], (error: unknown, answer: unknown) => {
        if (!error) return resolve(answer);
        failed(error, route);
        resolve(traced(error));
      });
    });
  };
  const watched = Object.create(pool, {
    connect: { value: connect },
    query: { value: query },
  }) as Pool;
  return watched;
}

function ask(route: Route): void {
  route.asked = true;
  route.session?.ask();
}

function taken(route: Route | undefined, client: Client): Client {
  noted(route, client);
  const { session } = route ?? {};
  if (session === undefined) return client;
  session.take(client);
  watchRelease(client, session);
  return client;
}

// Apart, since what its closure remembers is allocated where it is called.
function watchRelease(client: Client, session: Session): void {
  const { release } = client;
  // The pool makes a new one for each checkout.
  client.release = (destroy) => {
    putBack(client);
    release.call(client, destroy || session.tainted);
  };
}

function wired(route: Route | undefined, client: Client): Client {
  noted(route, client);
  if (route?.session === undefined) return client;
  route.wire = new TransactionWire(client, route.session, route.isolation);
  return route.wire.client;
}

function noted(route: Route | undefined, client: Client): void {
  watchClient(client);
  if (route === undefined) return;
  route.client = client;
  route.before = completions(client);
}
