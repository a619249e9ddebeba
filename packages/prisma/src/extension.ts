/** The extension: what `prisma.$extends(caromStrategy())` puts between the caller and Prisma. */
import { CaromError, type Strategy } from '@carom/core';
import {
  checkExecution,
  checkExecutionCall,
  createExecution,
  type ExecutionCallOptions,
  type ExecutionOptions,
} from '@carom/postgres';
import { addressOf } from './address.js';
import { playBatch } from './batch.js';
import { connectBeside } from './beside.js';
import { takeTransactionOptions, withOptions } from './call.js';
import type { Factory } from './driver.js';
import {
  adapterOf,
  type Client,
  type HookParams,
  isPrismaPromise,
  isTransactionClient,
  notPostgres,
  placeOf,
} from './internals.js';
import { checkLacking, lackingOf, warnLacking } from './lacking.js';
import { createPlayer, type Player } from './player.js';
import { isEnded, placesOfClient, watchPools } from './pool.js';
import { playStatement } from './statement.js';
import { playTransaction } from './transaction.js';

/** What an extended client has beside everything that it had. */
export interface CaromExtras {
  /**
   * The same client with options for the calls made through it. In a batch, whose options are those of
   * its `$transaction`, an operation brings its `idempotent` along and nothing else. What other extensions do on the way has none of
   * them; an override of `$transaction` that hands on another callback, or another array, leaves `idempotent` and `exactlyOnce` behind.
   * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
   */
  $carom<C>(this: C, options: ExecutionCallOptions): C;
}

/** An extension as `$extends` takes it. All types of the client stay as they are; `$carom` is added. */
export type CaromExtension = (client: unknown) => {
  readonly $extends: {
    readonly extArgs: {
      result: Record<never, never>;
      model: Record<never, never>;
      query: Record<never, never>;
      client: { $carom: () => CaromExtras['$carom'] };
    };
  };
};

/**
 * Makes the extension: `new PrismaClient({ adapter: caromAdapter(adapter) }).$extends(caromStrategy({ retries: 5 }))`.
 * Operations, batches, nested writes and transaction callbacks are played again where that is safe. Without `caromAdapter` a COMMIT
 * whose answer was lost is always unknown, and a process warning says so once.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 * @throws {CaromError} from `$extends`: not a Prisma client, not on Postgres, extended already, or, for `exactlyOnce` and
 *   `commit: 'fence'`, `CAROM_NO_ADAPTER`: made without `caromAdapter`.
 */
export function caromStrategy(options?: ExecutionOptions | Strategy): CaromExtension {
  checkExecution(options);
  return (given) => {
    const client = asClient(given);
    const player = makePlayer(client, options);
    watchPools(client);
    return client.$extends({
      name: 'carom',
      query: { $allOperations: (params: HookParams) => play(player, params) },
      client: methods(player, client),
    }) as never;
  };
}

function makePlayer(client: Client, options: ExecutionOptions | Strategy | undefined): Player {
  const lacking = lackingOf(client);
  const factory = adapterOf(client) as Factory | undefined;
  const lend = factory === undefined ? undefined : connectBeside(factory);
  const beside = lacking === undefined ? lend : undefined;
  const isClosed = (): boolean => factory !== undefined && isEnded(factory);
  const places = placesOfClient(client);
  // After `$disconnect` the next operation connects again.
  const ways = { lend, isClosed, reopens: true, places };
  const execution = createExecution(options, addressOf(client), beside, ways);
  checkLacking(client, lacking, execution);
  if (execution.commit !== 'none') warnLacking(lacking);
  return createPlayer(client, execution, lacking);
}

/** One operation, wherever it runs. */
function play(player: Player, params: HookParams): PromiseLike<unknown> {
  const place = placeOf(params);
  if (place.kind === 'alone') return playStatement(player, params);
  // In a transaction no operation is played again alone: the transaction is what is played.
  if (place.kind === 'unreadable') return params.query(params.args);
  const unit = player.units.get(place.id);
  if (unit === undefined) return params.query(params.args);
  return unit.send(params, place.kind === 'batch' ? place.index : 0);
}

function methods(player: Player, parent: Client): object {
  return {
    $transaction(this: Client | undefined, input: unknown, options?: unknown): Promise<unknown> {
      const client = this ?? parent;
      const call = takeTransactionOptions(input);
      // Within a transaction a callback is a savepoint of it, and a batch runs on its handle.
      if (!isTransactionClient(client)) {
        if (typeof input === 'function') {
          const callback = input as (handle: unknown) => unknown;
          return playTransaction(player, { parent, client, callback, options }, call);
        }
        if (Array.isArray(input) && input.length > 0 && input.every(isPrismaPromise)) {
          return playBatch(player, { parent, client, operations: input, options }, call);
        }
      }
      return parent.$transaction.call(client, input, options);
    },
    $extends(this: Client | undefined, extension: object): Client {
      // One that is made by a function comes by once more.
      if ((extension as { readonly query?: unknown } | null)?.query !== undefined)
        player.hooked = true;
      return parent.$extends.call(this ?? parent, extension);
    },
    /** What waits is rejected; the next operation connects again. */
    $disconnect(): Promise<unknown> {
      player.membership.close();
      return parent.$disconnect();
    },
    $carom(this: Client | undefined, options: ExecutionCallOptions): Client {
      const client = this ?? parent;
      if (isTransactionClient(client)) {
        throw new CaromError(
          'CAROM_IN_TRANSACTION',
          'inside a transaction no operation has options of its own: give them to the transaction, prisma.$carom(options).$transaction(…)',
        );
      }
      const checked = checkExecutionCall(options, player.commit);
      checkLacking(parent, player.lacking, checked);
      return withOptions(client, checked);
    },
  };
}

function asClient(given: unknown): Client {
  const client = given as (Partial<Client> & { readonly $carom?: unknown }) | null | undefined;
  if (typeof client?.$extends !== 'function' || typeof client.$transaction !== 'function') {
    throw new CaromError(
      'CAROM_NOT_A_CLIENT',
      'caromStrategy() extends a Prisma client: new PrismaClient({ adapter }).$extends(caromStrategy())',
    );
  }
  if (client.$carom !== undefined) {
    throw new CaromError(
      'CAROM_ALREADY_WRAPPED',
      'this client is extended by caromStrategy() already: extend it once and pass the result around',
    );
  }
  const reason = notPostgres(client);
  if (reason !== undefined) {
    throw new CaromError(
      'CAROM_NOT_POSTGRES',
      `caromStrategy() needs a Prisma client with a Postgres driver adapter, and ${reason}`,
    );
  }
  return client as Client;
}
