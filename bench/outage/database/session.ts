/** A session is one backend of the simulated Postgres: it plays what it is sent, one after the other, until one of both ends it. */
import type { Millis, Random } from '@carom/core';
import { said } from './errors.js';
import type { Serial } from './serializable.js';
import { type Modes, type Statement, statementOf } from './statements.js';

/** A transaction as the server has it. */
export interface Transaction {
  xid: number | undefined;
  readonly units: number[];
  token: string | undefined;
  isFence: boolean;
  failed: boolean;
  readonly modes: Modes;
  /** Of a serializable one. */
  readonly serial: Serial | undefined;
}

export type Row = readonly (string | null)[];

/** As the driver gives it. */
export interface Result {
  readonly command: string;
  readonly rowCount: number;
  readonly rows: readonly Row[];
}

/** What a client sends. */
export interface Message {
  readonly text: string;
  readonly values: readonly unknown[];
  answer(result: Result | readonly Result[]): void;
  fail(error: Error): void;
}

/** What is needed of the server that a session belongs to. */
export interface Host {
  readonly random: Random;
  readonly sessions: Set<Session>;
  later(delay: Millis, run: () => void): void;
  /** Takes the lock that a statement needs before it is played. */
  lock(
    session: Session,
    statement: Statement,
    values: readonly unknown[],
    granted: () => void,
    refused: (error: Error) => void,
  ): void;
  /** @throws what the server refuses the statement with. */
  play(
    session: Session,
    statement: Statement,
    values: readonly unknown[],
  ): Result | readonly Result[];
  /** The end of a transaction whose session has ended, or ends it. */
  conclude(session: Session, transaction: Transaction, isApplied: boolean): void;
  /** Undoes what is not committed, and gives its locks to others. */
  abort(session: Session, transaction: Transaction): void;
}

/** How it ends: by an administrator, by the network, with the server, by its client, or because that left it idle in its transaction. */
export type End = 'killed' | 'cut' | 'crashed' | 'closed' | 'idled';

/** So long a backend whose client is gone may still be at its COMMIT, in ms. */
const longestCommit: Millis = 40;

export class Session {
  readonly pid: number;
  readonly #host: Host;
  readonly #queue: Message[] = [];
  #current: Message | undefined;
  #isOpen = true;
  #isCommitting = false;
  /** Messages that it has begun with. */
  #begun = 0;
  transaction: Transaction | undefined;
  /** Told when it ends without its client's doing. */
  onLost: (end: End) => void = () => {};

  constructor(host: Host, pid: number) {
    this.#host = host;
    this.pid = pid;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isCommitting(): boolean {
    return this.#isCommitting;
  }

  /** «idle in transaction» */
  get isIdleInside(): boolean {
    return this.#isOpen && this.#current === undefined && this.transaction !== undefined;
  }

  send(message: Message): void {
    this.#queue.push(message);
    if (this.#current === undefined) this.#next();
  }

  /** Everything ends with it but a COMMIT under way, of which nobody can say what became. */
  end(how: End): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#host.sessions.delete(this);
    const { transaction } = this;
    if (transaction !== undefined && this.#isCommitting) {
      const isApplied = this.#host.random() < 0.5;
      const settle = (): void => this.#host.conclude(this, transaction, isApplied);
      if (how === 'killed' || how === 'crashed') settle();
      else this.#host.later(this.#host.random() * longestCommit, settle);
    } else if (transaction !== undefined) this.#host.conclude(this, transaction, false);
    if (how !== 'closed') this.onLost(how);
  }

  #next(): void {
    const message = this.#queue.shift();
    this.#current = message;
    if (message === undefined) {
      this.#idle();
      return;
    }
    this.#begun += 1;
    const statement = statementOf(message.text);
    const play = (): void => {
      if (!this.#isOpen) return;
      this.#isCommitting = statement.kind === 'commit' && this.transaction?.failed === false;
      this.#host.later(statement.time, () => this.#play(message, statement));
    };
    this.#host.lock(this, statement, message.values, play, (error) => {
      if (this.#isOpen) this.#refuse(message, error);
    });
  }

  /** Its client has so long for the next message. */
  #idle(): void {
    const { idleLimit } = this.transaction?.modes ?? {};
    // With its failure a transaction forgets what was set in it.
    if (idleLimit === undefined || this.transaction?.failed) return;
    const begun = this.#begun;
    this.#host.later(idleLimit, () => {
      if (this.isIdleInside && this.#begun === begun) this.end('idled');
    });
  }

  #play(message: Message, statement: Statement): void {
    if (!this.#isOpen) return;
    this.#isCommitting = false;
    let result: Result | readonly Result[];
    try {
      if (this.transaction?.failed && !['commit', 'rollback'].includes(statement.kind)) {
        throw said('25P02');
      }
      result = this.#host.play(this, statement, message.values);
    } catch (error) {
      this.#refuse(message, error as Error);
      return;
    }
    message.answer(result);
    this.#next();
  }

  /** An ERROR: the transaction can only be rolled back now, and gives its locks back. */
  #refuse(message: Message, error: Error): void {
    const { transaction } = this;
    if (transaction !== undefined && !transaction.failed) {
      transaction.failed = true;
      this.#host.abort(this, transaction);
    }
    message.fail(error);
    this.#next();
  }
}
