/** Per-call options: `$carom(options)` is the same client, whose calls carry the options to where they are played. */
import { checkExecutionCall, type ExecutionCallOptions, surrounding } from '@carom/postgres';
import { nameOf } from './intent.js';
import {
  type Client,
  type HookParams,
  isPrismaPromise,
  markOf,
  markRequests,
} from './internals.js';

/** The options of one call on their way to it. */
interface Call {
  readonly options: ExecutionCallOptions;
  /** Whose they are: an operation's name. Other calls on the way leave them alone. */
  readonly name: string;
  /** What a `$transaction` was called with. */
  readonly input: unknown;
  /** Whether Prisma has made its request, which carries it from then on. */
  requested: boolean;
  taken: boolean;
}

const calls = surrounding('call', (value): value is Call => value !== undefined);

/** Takes the options that were meant for this operation; nobody else gets them after that. */
export function takeOptions(params: HookParams): ExecutionCallOptions | undefined {
  const call = calls.current();
  if (call === undefined || call.taken || call.name !== nameOf(params)) return undefined;
  if (!call.requested) return withoutPromises(call.options);
  // Another extension's hook may do the same operation before it passes this one on.
  return markOf(params) === call ? taken(call) : undefined;
}

/** Takes those that were meant for a `$transaction` of this. */
export function takeTransactionOptions(input: unknown): ExecutionCallOptions | undefined {
  const call = calls.current();
  if (call === undefined || call.taken || call.name !== '$transaction') return undefined;
  // What an override makes of it, or does beside it, is its own.
  return call.input === input ? taken(call) : withoutPromises(call.options);
}

function taken(call: Call): ExecutionCallOptions {
  call.taken = true;
  return call.options;
}

/** What may be said of a call that is perhaps another one: nothing of what its doing twice would do. */
function withoutPromises(options: ExecutionCallOptions): ExecutionCallOptions {
  const { idempotent, exactlyOnce, ...rest } = options;
  return rest;
}

/** The call whose request is being made: the first one, before any hook is called. */
function requested(): Call | undefined {
  const call = calls.current();
  if (call === undefined || call.requested || call.name === '$transaction') return undefined;
  call.requested = true;
  return call;
}

type Method = (...args: unknown[]) => unknown;

/** Prisma's own methods, which want to be called on the client itself. */
const own: ReadonlySet<PropertyKey> = new Set([
  '$connect',
  '$disconnect',
  '$executeRaw',
  '$executeRawUnsafe',
  '$queryRaw',
  '$queryRawTyped',
  '$queryRawUnsafe',
  '$runCommandRaw',
]);

/** The client with options for the calls made through it. Operations stay lazy, and may go into a batch. */
export function withOptions<C extends Client>(client: C, options: ExecutionCallOptions): C {
  markRequests(client, requested);
  const carrying: Carrying = (name, call, input) =>
    calls.run({ options, name, input, requested: false, taken: false }, call);
  return new Proxy(client, {
    get(target, property, self) {
      const value: unknown = Reflect.get(target, property);
      if (typeof property === 'symbol' || property.startsWith('_')) return value;
      if (typeof value === 'object' && value !== null && !property.startsWith('$')) {
        return carryingModel(value, property, carrying);
      }
      if (typeof value !== 'function') return value;
      const method = value as Method;
      if (property === '$carom') {
        // The client checks them: together, for some exclude each other.
        return (more: ExecutionCallOptions) => {
          const all = { ...options, ...checkExecutionCall(more) };
          method.call(target, all);
          return withOptions(target, all);
        };
      }
      if (property === '$transaction') {
        return (...args: unknown[]) =>
          carrying(property, () => method.apply(target, args), args[0]);
      }
      if (property === '$extends') {
        return (...args: unknown[]) => withOptions(method.apply(target, args) as Client, options);
      }
      const receiver: unknown = own.has(property) ? target : self;
      return (...args: unknown[]) =>
        carryingPromise(method.apply(receiver, args), property, carrying);
    },
  });
}

type Carrying = <T>(name: string, call: () => T, input?: unknown) => T;

function carryingModel(model: object, name: string, carrying: Carrying): object {
  return new Proxy(model, {
    get(target, property, self) {
      const value: unknown = Reflect.get(target, property);
      if (typeof property === 'symbol' || typeof value !== 'function') return value;
      // A method of an extension finds the other operations, with the options, on `this`.
      return (...args: unknown[]) =>
        carryingPromise(
          (value as Method).apply(self, args),
          nameOf({ model: name, operation: property }),
          carrying,
        );
    },
  });
}

const carried: WeakSet<object> = new WeakSet();

/** The operation whose options are with it when it is awaited, or run by a batch, at last. */
function carryingPromise(result: unknown, name: string, carrying: Carrying): unknown {
  if (!isPrismaPromise(result) || carried.has(result)) return result;
  let started: Promise<unknown> | undefined;
  // A native promise in between: what is chained to it runs in its own context, not in this one.
  const start = (): Promise<unknown> => {
    started ??= carrying(name, () => new Promise((done, fail) => void result.then(done, fail)));
    return started;
  };
  const methods: Readonly<Record<PropertyKey, Method>> = {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is wrapped here.
    then: (done, fail) => start().then(done as never, fail as never),
    catch: (fail) => start().catch(fail as never),
    finally: (last) => start().finally(last as never),
  };
  const promise = new Proxy(result, {
    get(target, property) {
      const method = Object.hasOwn(methods, property) ? methods[property] : undefined;
      if (method !== undefined) return method;
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      const call = (...args: unknown[]): unknown => (value as Method).apply(target, args);
      if (property === 'requestTransaction') {
        return (...args: unknown[]) => carrying(name, () => call(...args));
      }
      // A relation of the fluent API: the same operation, which reads further.
      return (...args: unknown[]) => carryingPromise(call(...args), name, carrying);
    },
  });
  carried.add(promise);
  return promise;
}
