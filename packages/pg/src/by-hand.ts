/** A client that the caller took from the pool: what is sent on it is the caller's, but a lost COMMIT is settled. */
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
import type { Binding } from './binding.js';
import { isSubmittable, textOf } from './intent.js';
import { mend } from './mend.js';

type Query = (...args: unknown[]) => unknown;
type Callback = (error: unknown, result?: unknown) => void;

/** A transaction that the caller has begun. */
interface Open {
  readonly log: AttemptLog;
  readonly guard: CommitGuard;
}

/** The client as the caller gets it: the same in all but `query`. Once it is released it guards nothing any more. */
export function guardedClient(client: PoolClient, binding: Binding): PoolClient {
  const { guarding } = binding;
  if (guarding === undefined) return client;
  const byHand = new ByHand(client, binding, guarding);
  const query: Query = (...args) => byHand.query(args);
  return new Proxy(client, {
    get(target, property) {
      if (property === 'query') return query;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

class ByHand {
  readonly #client: PoolClient;
  readonly #send: Query;
  readonly #base: Binding['base'];
  readonly #guarding: GuardRules;
  #open: Open | undefined;
  /** COMMIT is on its way, and what was sent after it may not overtake it. */
  #ending: Promise<unknown> | undefined;

  constructor(client: PoolClient, { base }: Binding, guarding: GuardRules) {
    this.#client = client;
    this.#send = client.query as Query;
    this.#base = base;
    this.#guarding = guarding;
  }

  query(args: unknown[]): unknown {
    mend(args[0], this.#client);
    if (this.#ending !== undefined) return this.#later(this.#ending, args);
    const text = textOf(args[0]);
    const control =
      text === undefined || isSubmittable(args[0]) ? undefined : transactionControl(text);
    const open = this.#open;
    if (open === undefined) {
      return control === 'begin' && isAlone(text)
        ? inForm(args, this.#begin(text))
        : this.#send.apply(this.#client, args);
    }
    if (control === 'commit' && isAlone(text)) {
      const answer = this.#commit(text, open);
      this.#ending = answer.catch(() => {}).then(() => this.#settled());
      return inForm(args, answer);
    }
    // After several commands in one text, a chain or the first phase of two nobody knows where one ends.
    if (control !== undefined && control !== 'savepoint') this.#open = undefined;
    return this.#statement(text, args, open);
  }

  #begin(text: string): Promise<unknown> {
    const log = new AttemptLog(true);
    const guard = new CommitGuard(this.#guarding, this.#client, this.#send, () => log.readOnly);
    log.guard = guard;
    log.phase = 'statement';
    const open = { log, guard };
    this.#open = open;
    const answer = guard.begin(text, (sql) => this.#ask(sql));
    answer.catch(() => {
      if (this.#open === open) this.#open = undefined;
    });
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
      await readyToCommit(guard, log);
      log.phase = 'commit';
      const result = (await guard.commit(() => this.#ask(text))) as { readonly command?: string };
      if (result.command === 'ROLLBACK') throw new SilentRollbackError(log.firstSeen);
      return result;
    } catch (error) {
      throw concludeByHand(error, log, this.#base);
    }
  }

  #settled(): void {
    this.#open = undefined;
    this.#ending = undefined;
  }

  #ask(text: string): Promise<unknown> {
    return this.#send.call(this.#client, text) as Promise<unknown>;
  }

  /** In the form in which the answer was asked for. */
  #later(ending: Promise<unknown>, args: unknown[]): unknown {
    const [first, last] = [args[0], args.at(-1)];
    const answer = ending.then(() => this.query(args));
    if (isSubmittable(first)) return first;
    return typeof last === 'function' ? undefined : answer;
  }
}

/** Whether a text that begins or ends a transaction does nothing else. */
function isAlone(text: string | undefined): text is string {
  return text !== undefined && !/;\s*\S|\bchain\b/i.test(text);
}

function inForm(args: unknown[], answer: Promise<unknown>): unknown {
  const callback = args.at(-1);
  if (typeof callback !== 'function') return answer;
  answer.then((result) => (callback as Callback)(null, result), callback as Callback);
  return undefined;
}
