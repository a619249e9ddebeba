/** Prisma's internals are what Carom reads of a client beyond the public API: all of it is here. Measured with 7.10. */

/** What is used of a client, whatever its models are. */
export interface Client {
  $extends(extension: object): Client;
  $transaction(input: unknown, options?: unknown): Promise<unknown>;
  $disconnect(): Promise<unknown>;
}

/** What a query hook is called with. */
export interface HookParams {
  /** Absent for raw SQL. */
  readonly model?: string | undefined;
  readonly operation: string;
  readonly args: unknown;
  /** The next hook, or the operation itself; may be called again. */
  query(args: unknown): PromiseLike<unknown>;
}

/** What Prisma does with an operation when all hooks have passed it on. */
interface Internal {
  /** Prepares the arguments, before anything is sent. */
  argsMapper?: ((args: unknown) => unknown) | undefined;
  /** Unpacks the answer; that of a batch once it is committed. */
  unpacker?: ((data: unknown) => unknown) | undefined;
}

const originals: WeakMap<object, Internal> = new WeakMap();

/** Who is told how far Prisma gets with an operation. */
export interface Follower {
  onStart(): void;
  onDone(): void;
  /** Runs what sends it together with others of its kind, `all` of whom have this. */
  sendAll?: ((all: readonly Follower[], load: Load) => unknown) | undefined;
}

type Load = () => Promise<unknown>;

/** By the function that a request of Prisma's unpacks its answer with: of an operation all that its request has. */
const gathered: WeakMap<object, Follower> = new WeakMap();

/** Tells how far Prisma gets with an operation that is passed on from now on; of one that is not, nothing. */
export function observe(params: HookParams, follower: Follower): void {
  const internal = property(params, '__internalParams') as Internal | undefined;
  if (typeof internal !== 'object' || internal === null) return;
  let original = originals.get(internal);
  if (original === undefined) {
    original = { argsMapper: internal.argsMapper, unpacker: internal.unpacker };
    originals.set(internal, original);
  }
  const { argsMapper, unpacker } = original;
  internal.argsMapper = (args) => {
    follower.onStart();
    return argsMapper === undefined ? args : argsMapper(args);
  };
  internal.unpacker = (data) => {
    follower.onDone();
    return unpacker === undefined ? data : unpacker(data);
  };
  if (follower.sendAll !== undefined) gathered.set(internal.unpacker, follower);
}

type Request = (this: unknown, params: Record<PropertyKey, unknown>) => unknown;

/** What an operation's request carries, through all hooks; for every copy of this package the same. */
const marked: unique symbol = Symbol.for('carom.prisma.mark');
const marking: WeakSet<object> = new WeakSet();

/**
 * Has each request that a client, or one extended from the same, makes from now on carry what `mark` gives when it is made: hooks
 * get copies of its arguments, and nothing else is the same for all of them. Nothing where Prisma makes them otherwise.
 */
export function markRequests(client: unknown, mark: () => object | undefined): void {
  const root = property(client, '_originalClient') as { _request?: Request } | undefined;
  const request = root?._request;
  if (root === undefined || typeof request !== 'function' || marking.has(root)) return;
  marking.add(root);
  root._request = function (params) {
    const made = mark();
    if (made !== undefined) params[marked] = made;
    return request.call(this, params);
  };
}

/** What the request of an operation carries. */
export function markOf(params: HookParams): unknown {
  return property(property(params, '__internalParams'), marked);
}

/** Where an operation runs: by itself, on the handle of a transaction callback, or as an item of a batch. */
export type Place =
  | { readonly kind: 'alone' }
  | { readonly kind: 'itx'; readonly id: string }
  | { readonly kind: 'batch'; readonly id: number; readonly index: number }
  | { readonly kind: 'unreadable' };

const alone: Place = Object.freeze({ kind: 'alone' });
const unreadable: Place = Object.freeze({ kind: 'unreadable' });

/** The place of an operation. What cannot be read is never mistaken for an operation by itself. */
export function placeOf(params: HookParams): Place {
  const internal = property(params, '__internalParams');
  if (typeof internal !== 'object' || internal === null) return unreadable;
  const transaction = property(internal, 'transaction');
  if (transaction === undefined) return alone;
  const kind = property(transaction, 'kind');
  const id = property(transaction, 'id');
  const index = property(transaction, 'index');
  if (kind === 'itx' && typeof id === 'string') return { kind, id };
  if (kind === 'batch' && typeof id === 'number' && typeof index === 'number') {
    return { kind, id, index };
  }
  return unreadable;
}

/** The id of a batch, from what it runs its operations with. */
export function batchIdOf(transaction: unknown): number | undefined {
  const id = property(transaction, 'id');
  return property(transaction, 'kind') === 'batch' && typeof id === 'number' ? id : undefined;
}

/** How the batches of a client that are under way are run, by their id. */
export type BatchRoutes = Map<unknown, (load: Load) => unknown>;

type Loader = (requests: unknown) => Promise<unknown>;

const routes: WeakMap<object, BatchRoutes> = new WeakMap();

/**
 * Prisma sends a batch together with what others ask in the same turn, in the context of whoever came first; here is how each gets
 * back into its own. Undefined where Prisma does it otherwise.
 */
export function batchRoutes(client: unknown): BatchRoutes | undefined {
  const loader = property(property(property(client, '_requestHandler'), 'dataloader'), 'options');
  const { singleLoader, batchLoader } = (loader ?? {}) as Record<string, Loader>;
  if (typeof singleLoader !== 'function' || typeof batchLoader !== 'function') return undefined;
  const options = loader as Record<string, (requests: unknown) => unknown>;
  let known = routes.get(options);
  if (known === undefined) {
    const made: BatchRoutes = new Map();
    const routed =
      (load: Loader): ((requests: unknown) => unknown) =>
      (requests) => {
        const request: unknown = Array.isArray(requests) ? requests[0] : requests;
        const id = batchIdOf(property(request, 'transaction'));
        const run = id === undefined ? togetherOf(request, requests) : made.get(id);
        return run === undefined ? load(requests) : run(load.bind(undefined, requests));
      };
    options['singleLoader'] = routed(singleLoader);
    options['batchLoader'] = routed(batchLoader);
    routes.set(options, made);
    known = made;
  }
  return known;
}

/** How gathered operations are sent, where all are followed: others may wait for the same answer, of whom nothing is known. */
function togetherOf(first: unknown, requests: unknown): ((load: Load) => unknown) | undefined {
  const sendAll = followerOf(first)?.sendAll;
  return sendAll === undefined ? undefined : together(sendAll, first, requests);
}

// Apart, since what its closure remembers is allocated where it is called.
function together(
  sendAll: NonNullable<Follower['sendAll']>,
  first: unknown,
  requests: unknown,
): ((load: Load) => unknown) | undefined {
  const all = (Array.isArray(requests) ? requests : [first]).flatMap((it) => followerOf(it) ?? []);
  const isAll = !Array.isArray(requests) || all.length === requests.length;
  return isAll ? (load) => sendAll(all, load) : undefined;
}

function followerOf(request: unknown): Follower | undefined {
  const unpacker = property(request, 'unpacker');
  return typeof unpacker === 'function' ? gathered.get(unpacker) : undefined;
}

/** The property of a transaction's own client that holds its id. */
const scopeKey: symbol = Symbol.for('prisma.client.transaction.scope_context');

/** The id under which the operations of a callback's client arrive at the query hook. */
export function transactionIdOf(client: unknown): string | undefined {
  const id = property(property(client, scopeKey), 'txId');
  return typeof id === 'string' ? id : undefined;
}

/** Whether `client` is the client of a transaction callback. Prisma takes `$extends` away from it. */
export function isTransactionClient(client: unknown): boolean {
  return property(client, scopeKey) !== undefined || property(client, '$extends') === undefined;
}

/** Whether `value` is a lazy operation of Prisma's, which a batch can run, and run again. */
export function isPrismaPromise(value: unknown): value is PromiseLike<unknown> {
  return property(value, Symbol.toStringTag) === 'PrismaPromise';
}

/** Starts a lazy operation: its own promise where it shows that, since `then` would make one more. */
export function started(operation: PromiseLike<unknown>): PromiseLike<unknown> {
  if (!isPrismaPromise(operation)) return operation;
  const { requestTransaction } = operation as { requestTransaction?(): PromiseLike<unknown> };
  if (typeof requestTransaction !== 'function') return operation;
  // Without a transaction it is as if it was awaited.
  const own = requestTransaction.call(operation);
  return typeof own?.then === 'function' ? own : operation;
}

/** What a client has in common with all that were extended from it, and with no other. */
export function rootOf(client: unknown): object | undefined {
  const root = property(client, '_engineConfig');
  return typeof root === 'object' && root !== null ? root : undefined;
}

/** The driver adapter that a client was made with. */
export function adapterOf(client: unknown): object | undefined {
  const adapter = property(rootOf(client), 'adapter');
  return typeof adapter === 'object' && adapter !== null ? adapter : undefined;
}

/** The connection settings that an adapter was made with, for `@prisma/adapter-pg` and its like. */
export function adapterSettings(adapter: object | undefined): object | undefined {
  const settings = property(adapter, 'config');
  return typeof settings === 'object' && settings !== null ? settings : undefined;
}

/** The pool that an adapter was given rather than made; Prisma leaves it without an error listener now and then. */
export function externalPoolOf(adapter: object | undefined): unknown {
  return property(adapter, 'externalPool') ?? undefined;
}

/** Why a client has no Postgres behind it that Carom could see, or `undefined` if it has. */
export function notPostgres(client: unknown): string | undefined {
  const config = rootOf(client);
  if (property(config, 'accelerateUrl') !== undefined) return 'this one connects by accelerateUrl';
  const adapter = property(property(config, 'adapter'), 'provider');
  if (typeof adapter === 'string' && adapter !== 'postgres') return `this one's is for ${adapter}`;
  const provider = property(client, '_activeProvider');
  if (typeof provider !== 'string' || providers.has(provider)) return undefined;
  return `this one's schema is for ${provider}`;
}

/** What a Postgres adapter serves. */
const providers: ReadonlySet<string> = new Set(['postgresql', 'postgres', 'cockroachdb']);

function property(value: unknown, key: PropertyKey): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return undefined;
  return (value as Record<PropertyKey, unknown>)[key];
}
