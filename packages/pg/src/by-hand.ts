/** A client that the caller took from the pool: what is sent on it is the caller's, but a lost COMMIT is settled. */
import { isCaromError } from '@carom/core';
import {
  AttemptLog,
  CommitGuard,
  concludeByHand,
  type GuardRules,
  readyToCommit,
  SilentRollbackError,
  transactionControl,
} from '@carom/postgres';
import type { PoolClient } from 'pg';
import { isAlone, tellBeside } from './beside.js';
import type { Binding } from './binding.js';
import { InOrder } from './in-order.js';
import { isSubmittable, textOf } from './intent.js';
import { mend } from './mend.js';

type Query = (...args: unknown[]) => unknown;
type Callback = (error: unknown, result?: unknown) => void;

/** A transaction that the caller has begun. */
interface Open {
  readonly log: AttemptLog;
  readonly guard: CommitGuard;
}

/**
 * The client as the caller gets it: the same in all but `query` and `release`. Once it is released it guards nothing any more.
 */
export function guardedClient(client: PoolClient, binding: Binding): PoolClient {
  const { guarding } = binding;
  if (guarding === undefined) return client;
  const giveBack = client.release;
  const byHand = new ByHand(client, binding, guarding);
  const query: Query = (...args) => {
    tellBeside(binding, args[0]);
    return byHand.query(args);
  };
  const release: PoolClient['release'] = (destroy) => byHand.release(destroy);
  // Callers put functions of their own in the place of both, and call these from there (the guide of node-postgres). A query of
  // theirs stays with this client: put into the real one, it would be found there by whoever has that next, and wrapped once more.
  let theirs: unknown;
  return new Proxy(client, {
    get(target, property) {
      if (property === 'query') return theirs ?? query;
      const value: unknown = Reflect.get(target, property, target);
      if (property === 'release' && (value === giveBack || byHand.released)) return release;
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set(target, property, value) {
      if (property !== 'query') return Reflect.set(target, property, value, target);
      theirs = value === query ? undefined : value;
      return true;
    },
  });
}

class ByHand {
  readonly #client: PoolClient;
  readonly #send: Query;
  readonly #giveBack: PoolClient['release'];
  readonly #base: Binding['base'];
  readonly #guarding: GuardRules;
  readonly #order: InOrder;
  #open: Open | undefined;
  /** That of the last transaction: what it holds back may not be overtaken when the transaction is over. */
  #guard: CommitGuard | undefined;
  #released: 'not' | 'soon' | 'now' = 'not';

  constructor(client: PoolClient, { base }: Binding, guarding: GuardRules) {
    this.#client = client;
    this.#send = client.query as Query;
    this.#giveBack = client.release;
    this.#base = base;
    this.#guarding = guarding;
    // Within its transaction the guard keeps the order itself, but not for whoever gets the client next.
    this.#order = new InOrder(() =>
      this.#open === undefined || this.released ? this.#guard?.asking : undefined,
    );
  }

  get released(): boolean {
    return this.#released !== 'not';
  }

  query(args: unknown[]): unknown {
    mend(args[0], this.#client);
    return this.#order.send(args, this.#inTurn);
  }

  /** What was sent before it is the caller's, and done with before the client is somebody else's. */
  release(destroy?: Error | boolean): void {
    if (this.#released === 'soon') {
      throw new Error('Release called on client which has already been released to the pool.');
    }
    if (destroy || this.#released === 'now') {
      this.#release(destroy);
      return;
    }
    this.#released = 'soon';
    this.#order.do(() => {
      if (this.#released === 'soon') this.#release(this.#guard?.lost || undefined);
    });
  }

  #release(destroy: Error | boolean | undefined): void {
    this.#released = 'now';
    this.#open = undefined;
    this.#giveBack.call(this.#client, destroy);
  }

  readonly #inTurn = (args: unknown[]): unknown => {
    const text = textOf(args[0]);
    const control =
      text === undefined || isSubmittable(args[0]) ? undefined : transactionControl(text);
    const open = this.#open;
    if (open === undefined) {
      return control === 'begin' && isAlone(text) && !this.released
        ? inForm(args, this.#begin(text))
        : this.#send.apply(this.#client, args);
    }
    if (control === 'commit' && isAlone(text)) {
      const answer = this.#commit(text, open);
      this.#order.stopFor(answer.catch(() => {}).then(() => this.#ended(open)));
      return inForm(args, answer);
    }
    // After several commands in one text, a chain or the first phase of two nobody knows where one ends.
    if (control !== undefined && control !== 'savepoint') this.#open = undefined;
    return this.#statement(text, args, open);
  };

  #begin(text: string): Promise<unknown> {
    const log = new AttemptLog(true);
    const guard = new CommitGuard(this.#guarding, this.#client, this.#send, () => log.readOnly);
    log.guard = guard;
    log.phase = 'statement';
    const open = { log, guard };
    this.#open = open;
    this.#guard = guard;
    let reads = false;
    const answer = guard.begin(text, (sql) => {
      reads ||= sql !== text;
      return this.#ask(sql);
    });
    answer.catch(() => this.#ended(open));
    // Where the server refuses to be read, BEGIN is sent once more. Where Carom refuses it, what was sent behind it stands in no
    // transaction, and no ROLLBACK would undo it.
    if (reads) this.#order.stopFor(answer, isCaromError);
    return answer;
  }

  #statement(text: string | undefined, args: unknown[], { log, guard }: Open): unknown {
    log.send(text);
    const result = guard.send(text, args);
    if (result instanceof Promise) result.catch((error: unknown) => log.note(error));
    return result;
  }

  async #commit(text: string, { log, guard }: Open): Promise<unknown> {
    try {
      // In the same turn where nothing has to be asked, as without Carom.
      if (!guard.isReady) await this.#ready(guard, log);
      log.phase = 'commit';
      const result = (await guard.commit(() => this.#ask(text))) as { readonly command?: string };
      if (result.command === 'ROLLBACK') throw new SilentRollbackError(log.firstSeen);
      return result;
    } catch (error) {
      throw concludeByHand(error, log, this.#base);
    }
  }

  async #ready(guard: CommitGuard, log: AttemptLog): Promise<void> {
    try {
      await readyToCommit(guard, log);
    } catch (error) {
      // Whoever sends COMMIT has no transaction any more, whatever the answer.
      await this.#ask('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  #ended(open: Open): void {
    if (this.#open === open) this.#open = undefined;
  }

  #ask(text: string): Promise<unknown> {
    return this.#send.call(this.#client, text) as Promise<unknown>;
  }
}

function inForm(args: unknown[], answer: Promise<unknown>): unknown {
  const callback = args.at(-1);
  if (typeof callback !== 'function') return answer;
  answer.then((result) => (callback as Callback)(null, result), callback as Callback);
  return undefined;
}
