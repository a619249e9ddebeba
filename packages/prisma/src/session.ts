/** A session is what one attempt has of the driver: the connections that it takes, and how its COMMIT is guarded. */
import { type Attempt, CaromError, isCaromError, type Millis } from '@carom/core';
import {
  type AttemptLog,
  type Held,
  makeCancellable,
  type Phase,
  surrounding,
} from '@carom/postgres';
import type { Client } from './driver.js';
import type { HookParams } from './internals.js';
import type { Settling } from './settling.js';

const sessions = surrounding('attempt', (value): value is Session => value instanceof Session);
const owners: WeakMap<object, Session> = new WeakMap();

/** What an attempt asks of the driver adapter. */
export interface Errand {
  readonly log: AttemptLog;
  readonly settling: Settling;
  /** What is left of the attempt's time, in ms; undefined without a clock. */
  readonly left?: (() => Millis) | undefined;
  /** Whether a single statement is put into a transaction; asked when it is sent. Default: never. */
  once?(): boolean;
  /** Whether all that was sent was provably read-only; asked when the end is near. */
  onlyRead(): boolean;
  /** Whether the caller's part is over, so that a COMMIT is Prisma's own. Default: always. */
  ends?(): boolean;
}

/** The session of one attempt. */
export class Session {
  readonly errand: Errand;
  /** The operation that it was opened for, where it is one. */
  params: HookParams | undefined = undefined;
  /** Whether a transaction was begun. */
  inTransaction = false;
  /** What Carom refused on the way: Prisma makes an error of its own of it. */
  refused: CaromError | undefined = undefined;
  /** The connections, and whether a statement is on its way on them; undefined where nothing can be cancelled. */
  readonly #held: Map<Client, () => boolean> | undefined;
  #asked = 0;
  #given = 0;
  /** Where the log was before it came to wait for a connection. */
  #before: Phase | undefined = undefined;
  /** Whether nothing is sent for it but on connections that it has asked for. */
  #tied = false;
  #closed = false;

  constructor(errand: Errand, attempt: Attempt) {
    this.errand = errand;
    if (!attempt.abandonable) return;
    this.#held = new Map();
    const { log } = errand;
    // Before the log hears of it, which freezes its phase then.
    attempt.signal.addEventListener('abort', () => this.#leave(), { once: true });
    makeCancellable(attempt, log, () => this.#working());
    const { cancel } = log;
    log.cancel = async (reason) => {
      await cancel?.(reason);
      this.#close();
    };
  }

  /** That of the attempt that this code runs for. */
  static current(): Session | undefined {
    return sessions.current();
  }

  /** Runs what the attempt sends: the connections that are taken meanwhile are its own. */
  run<T>(send: () => PromiseLike<T>): Promise<T> {
    // Operations of Prisma's are lazy: it is awaiting that sends them.
    return sessions.run(this, async () => await send());
  }

  /** The same for one operation, and without a promise more: it is sent at once. */
  within<T>(errand: { send(): PromiseLike<T> }): PromiseLike<T> {
    return sessions.run(this, () => errand.send());
  }

  /** Whether nobody waits for the attempt any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a cancel request may still be under way to its connections, and would hit whatever runs there next. */
  get tainted(): boolean {
    return this.#closed || this.errand.log.cancelled;
  }

  /**
   * Notes that Prisma's engine has it from now on, in this session's context: whatever it sends, it asks for a connection first.
   * @throws {CaromError} `CAROM_HANDLE_SETTLED` when nobody waits any more.
   */
  tie(): void {
    this.#refuseClosed();
    if (!this.errand.settling.seen || this.#asked > 0) return;
    this.#tied = true;
    this.#wait();
  }

  /**
   * Notes that the driver adapter has it.
   * @param isWired whether its pool is watched.
   * @throws {CaromError} `CAROM_HANDLE_SETTLED` when nobody waits any more.
   */
  enter(isWired: boolean): void {
    this.#refuseClosed();
    if (!isWired) this.lose();
  }

  /** Notes that what is sent now is not seen. */
  lose(): void {
    this.#tied = false;
    if (this.#asked === 0) this.#goOn();
  }

  /** Notes that the pool is asked for a connection. */
  ask(): void {
    this.#asked += 1;
    if (this.#asked === 1) this.#wait();
  }

  /**
   * Takes a connection; one that comes too late is closed before it can be used.
   * @param busy whether a statement is on its way on it. Default: until it is put back.
   */
  take(client: Client, busy: () => boolean = () => true): void {
    this.#given += 1;
    this.#goOn();
    if (this.#closed) {
      close(client);
      return;
    }
    if (this.#held === undefined) return;
    this.#held.set(client, busy);
    owners.set(client, this);
  }

  /** Notes that it is called back from where it waits for a connection, or has waited for too long. */
  callBack(reason: Error): void {
    if (isCaromError(reason)) this.refused = reason;
  }

  /** The error as Carom made it, where Prisma made another one of it. */
  own(error: unknown): unknown {
    const { refused } = this;
    const same = refused !== undefined && (error as { code?: unknown })?.code === refused.code;
    return same ? refused : error;
  }

  #wait(): void {
    const { log } = this.errand;
    if (this.#before !== undefined || !log.inTransaction) return;
    this.#before = log.phase;
    log.phase = 'acquire';
  }

  #goOn(): void {
    if (this.#before !== undefined) this.errand.log.phase = this.#before;
    this.#before = undefined;
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    this.refused = new CaromError('CAROM_HANDLE_SETTLED', 'nobody waits for this attempt any more');
    throw this.refused;
  }

  #leave(): void {
    this.#closed = true;
    const { log } = this.errand;
    if (log.inTransaction || log.phase !== 'statement') return;
    if ((this.#tied || this.#asked > 0) && this.#given === 0) log.phase = 'acquire';
    // Prisma's own transaction around several statements: its COMMIT is not sent any more.
    else if (this.inTransaction) log.phase = 'rollback';
  }

  /** The connection that there is something to cancel on, or any. */
  #working(): Held | undefined {
    let idle: Held | undefined;
    for (const [client, isBusy] of this.#own()) {
      if (isBusy()) return { client, busy: true };
      idle = { client, busy: false };
    }
    return idle;
  }

  /** Closes those that were not put back; the server ends what was open on them. */
  #close(): void {
    for (const [client] of this.#own()) close(client);
  }

  #own(): [Client, () => boolean][] {
    return [...(this.#held ?? [])].filter(([client]) => owners.get(client) === this);
  }
}

/** Runs `other` on its own account, whatever attempt it is called in. */
export function apart<T>(other: () => PromiseLike<T>): PromiseLike<T> {
  if (sessions.current() === undefined) return other();
  // Operations of Prisma's are lazy: it is awaiting that sends them.
  return sessions.run(undefined, async () => await other());
}

/** From here on this code runs for no attempt. */
export function detach(): void {
  sessions.leave();
}

/** From now on the connection is somebody else's. */
export function putBack(client: Client): void {
  owners.delete(client);
}

/** Closes a connection at once; its pool forgets it. */
function close(client: Client): void {
  client.end().catch(() => {});
}
