/** The items of a batch, as far as the query hook has seen them in one attempt. */
import type { AttemptLog } from '@carom/postgres';
import { takeOptions } from './call.js';
import { noteSending } from './handle.js';
import { intentOf, refusalOf } from './intent.js';
import { batchIdOf, type HookParams } from './internals.js';
import type { Player, Unit } from './player.js';
import { Following, type Progress } from './progress.js';
import type { Session } from './session.js';

interface Item {
  readonly params: HookParams;
  readonly idempotent: boolean;
  readonly progress: Progress;
}

/** What was seen of `size` operations. One that was not seen may be anything. */
export class Items implements Unit, Progress {
  readonly #size: number;
  readonly #log: AttemptLog | undefined;
  readonly #seen: Map<number, Item> = new Map();
  /** Errors of operations that were given to the engine. */
  readonly #gave: Set<unknown> = new Set();

  constructor(size: number, log?: AttemptLog) {
    this.#size = size;
    this.#log = log;
  }

  /** Runs the batch, as a unit that the query hook and the driver find by the id that Prisma gives it. */
  async run<T>(
    { units, routes }: Player,
    session: Session,
    operations: readonly object[],
    send: (operations: readonly object[]) => Promise<T>,
  ): Promise<T> {
    let id: number | undefined;
    const onRequest = (transaction: unknown): void => {
      id ??= batchIdOf(transaction);
      if (id === undefined) return;
      units.set(id, this);
      routes?.set(id, async (load) => {
        session.tie();
        return await session.run(load);
      });
    };
    try {
      return await send(operations.map((operation) => telling(operation, onRequest)));
    } finally {
      if (id !== undefined) units.delete(id);
      routes?.delete(id);
    }
  }

  async send(params: HookParams, index: number): Promise<unknown> {
    const idempotent = takeOptions(params)?.idempotent ?? false;
    const progress = new Following(params);
    this.#seen.set(index, { params, idempotent, progress });
    if (this.#log !== undefined) noteSending(params, this.#log);
    try {
      return await progress.begin();
    } catch (error) {
      if (progress.sent(error)) this.#gave.add(error);
      throw error;
    }
  }

  /** Whether they only read. */
  get onlyRead(): boolean {
    return this.#every(({ params }) => intentOf(params) === 'read');
  }

  /** Whether doing them twice does no harm. */
  get repeatable(): boolean {
    if (this.#size === 1 && this.refusal !== undefined) return false;
    return this.#every(({ params, idempotent }) => idempotent || intentOf(params) === 'read');
  }

  /** Why the only one may not be played again. */
  get refusal(): string | undefined {
    const item = this.#seen.get(0);
    return item === undefined ? 'its operation cannot be seen' : refusalOf(item.params);
  }

  /** Whether the only one is a write that leaves its transaction alone. */
  get isSingleWrite(): boolean {
    return this.#seen.size === 1 && !this.onlyRead && this.refusal === undefined;
  }

  /** Of a batch that failed, those before the failing one are answered too. */
  get done(): boolean {
    return this.#every(({ progress }) => progress.done);
  }

  /** Prisma sends none of them before it has all: a hook that threw `error` has held back its own. */
  sent(error: unknown): boolean {
    const answered = [...this.#seen.values()].some(({ progress }) => progress.done);
    return answered || this.#gave.has(error);
  }

  get abandoned(): boolean {
    return this.#log?.abandoned ?? false;
  }

  #every(predicate: (item: Item) => boolean): boolean {
    return this.#seen.size === this.#size && [...this.#seen.values()].every(predicate);
  }
}

/** The same operation; it tells the transaction that Prisma runs it in, before it runs. */
function telling<T extends object>(operation: T, onRequest: (transaction: unknown) => void): T {
  return new Proxy(operation, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (property === 'requestTransaction') onRequest(args[0]);
        return value.apply(target, args) as unknown;
      };
    },
  });
}
