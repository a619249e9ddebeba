/** The simulated Postgres: sessions, transactions and what is committed, through its death and the promotion of its standby. */
import type { Millis, Random } from '@carom/core';
import type { VirtualClock } from '../virtual-clock.js';
import { answers, type Catalog, type Status } from './answers.js';
import { said } from './errors.js';
import { Locks } from './locks.js';
import { Network } from './network.js';
import { Serializable, updatedMeanwhile } from './serializable.js';
import { type Host, type Result, Session, type Transaction } from './session.js';
import type { Modes, Statement } from './statements.js';

/** The server has no fewer sessions than that: the rest belong to other clients. */
const fewest = 8;

/** As the fence of Carom's sets it for itself. */
const fenceLimit = { time: 250, code: '55P03' } as const;

/**
 * Its standby is synchronous: what was acknowledged is there. What was in its COMMIT when the primary died is there or not, by
 * chance.
 */
export class Database implements Catalog, Host {
  readonly random: Random;
  readonly sessions: Set<Session> = new Set();
  readonly locks: Locks;
  readonly serializable: Serializable = new Serializable();
  readonly network: Network;
  readonly statuses: Map<number, Status> = new Map();
  readonly tokens: Map<string, boolean> = new Map();
  /** How often each unit of work is committed. */
  readonly applied: Map<number, number> = new Map();
  /** The units whose COMMIT was under way when the server died, or was swallowed with its answer. */
  readonly caught: Set<number> = new Set();
  readonly #clock: VirtualClock;
  readonly #onBegin: () => void;
  #state: 'up' | 'down' | 'recovering' = 'up';
  #life = 1;
  #lastXid = 700;
  #lastPid = 0;

  /** @param onBegin told of each transaction that begins. */
  constructor(clock: VirtualClock, random: Random, onBegin: () => void = () => {}) {
    this.#clock = clock;
    this.#onBegin = onBegin;
    this.random = random;
    this.locks = new Locks(clock);
    this.network = new Network(() => clock.now());
  }

  get isUp(): boolean {
    return this.#state !== 'down';
  }

  get isRecovering(): boolean {
    return this.#state === 'recovering';
  }

  get life(): number {
    return this.#life;
  }

  later(delay: Millis, run: () => void): void {
    this.#clock.at(this.#clock.now() + delay, run);
  }

  open(): Session {
    this.#lastPid += 1;
    const session = new Session(this, this.#lastPid);
    this.sessions.add(session);
    return session;
  }

  /** The server dies, and all its sessions with it. */
  die(): void {
    this.#state = 'down';
    for (const session of [...this.sessions]) {
      if (session.isCommitting) {
        for (const unit of session.transaction?.units ?? []) this.caught.add(unit);
      }
      session.end('crashed');
    }
  }

  /** Its standby listens at the same address, and takes no writes yet. */
  recover(): void {
    this.#state = 'recovering';
  }

  promote(): void {
    this.#state = 'up';
    this.#life += 1;
  }

  /** Ends one session of the server's, whoever has it: where there are few, another client's may be meant. */
  endOne(): void {
    const all = [...this.sessions];
    const one = all[Math.floor(this.random() * Math.max(fewest, all.length))];
    one?.end(this.random() < 0.5 ? 'killed' : 'cut');
  }

  endAll(): void {
    for (const session of [...this.sessions]) session.end('killed');
  }

  /** Something between both ends has forgotten all connections: a client hears of it when it sends something. */
  forgetAll(): void {
    for (const session of [...this.sessions]) {
      session.onLost = () => {};
      session.end('cut');
    }
  }

  lock(
    session: Session,
    { kind }: Statement,
    [value]: readonly unknown[],
    granted: () => void,
    refused: (error: Error) => void,
  ): void {
    const { serial, modes, failed = false } = session.transaction ?? {};
    if (serial !== undefined) this.serializable.look(serial);
    const isStale = (): boolean => serial !== undefined && this.serializable.isStale(serial, value);
    const row = {
      ...{ holder: session, refused },
      granted: (): void => {
        if (isStale()) {
          this.serializable.refused += 1;
          refused(updatedMeanwhile());
        } else granted();
      },
    };
    const token = { holder: session, granted, refused };
    const time = modes?.statementLimit;
    const limit = time === undefined ? undefined : { time, code: '57014' };
    if (this.isRecovering || failed) granted();
    else if (kind === 'update') this.locks.acquire(`row ${value}`, row, limit);
    else if (kind === 'put fence') this.locks.acquire(`token ${value}`, token, fenceLimit);
    else granted();
  }

  play(
    session: Session,
    statement: Statement,
    values: readonly unknown[],
  ): Result | readonly Result[] {
    const { kind, refusal } = statement;
    if (this.isRecovering && refusal !== undefined) throw said(refusal);
    return answers[kind](this, session, values, statement);
  }

  begin(session: Session, modes: Modes): void {
    this.#onBegin();
    session.transaction = {
      ...{ xid: undefined, units: [], token: undefined, modes },
      ...{ isFence: false, failed: false },
      serial: modes.isSerializable ? this.serializable.begin() : undefined,
    };
  }

  xidOf(transaction: Transaction): number {
    if (transaction.xid === undefined) {
      this.#lastXid += 1;
      transaction.xid = this.#lastXid;
      this.statuses.set(transaction.xid, 'in progress');
    }
    return transaction.xid;
  }

  conclude(session: Session, transaction: Transaction, isApplied: boolean): void {
    if (isApplied) this.#apply(transaction);
    this.abort(session, transaction);
    session.transaction = undefined;
  }

  abort(session: Session, { xid, serial }: Transaction): void {
    if (serial !== undefined) this.serializable.end(serial, false);
    if (xid !== undefined && this.statuses.get(xid) !== 'committed') {
      this.statuses.set(xid, 'aborted');
    }
    this.locks.release(session);
  }

  #apply({ xid, units, token, isFence, serial }: Transaction): void {
    if (serial !== undefined) this.serializable.end(serial, true);
    for (const unit of units) this.applied.set(unit, (this.applied.get(unit) ?? 0) + 1);
    if (token !== undefined) this.tokens.set(token, isFence);
    if (xid !== undefined) this.statuses.set(xid, 'committed');
  }
}
