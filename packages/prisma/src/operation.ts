/** An operation outside of any transaction, as a shot plays it: in callbacks, since every promise would be weight. */
import type { Attempt } from '@carom/core';
import type {
  AttemptLog,
  Countdown,
  ExecutionCallOptions,
  Intent,
  Known,
  Statement,
  UnitBase,
} from '@carom/postgres';
import { carried } from './carrier.js';
import { shareSession } from './gathered.js';
import { intentOf, nameOf, refusalOf } from './intent.js';
import { type Follower, type HookParams, started } from './internals.js';
import type { Player } from './player.js';
import { Following, knownBy, type Progress } from './progress.js';
import { noteTrace, sendUnit } from './sending.js';
import { apart, type Errand, Session } from './session.js';
import type { Settling } from './settling.js';

/** Prisma gathers those of one turn and sends them as one statement. */
const gathered: ReadonlySet<string> = new Set(['findUnique', 'findUniqueOrThrow']);

/** One operation. */
export class Operation implements Statement<unknown> {
  readonly name: string;
  readonly base: UnitBase;
  readonly params: HookParams;
  readonly settling: Settling;
  readonly #count: Countdown;
  #last: OperationAttempt | undefined = undefined;
  /** Whether who plays it makes the errors of its attempts Carom's own, by `own`: by promise it is one more. */
  isBare = false;

  constructor(player: Player, params: HookParams, call: ExecutionCallOptions | undefined) {
    this.name = nameOf(params);
    this.base = player.baseOf(call);
    this.params = params;
    this.settling = player.settling(call);
    this.#count = player.countdown(call);
  }

  intent(): Intent {
    return intentOf(this.params);
  }

  refusal(): string | undefined {
    return refusalOf(this.params);
  }

  known(error: unknown): Known | undefined {
    return knownBy(this.progress, error);
  }

  /** That of the last attempt. */
  get progress(): Progress & { readonly abandoned: boolean } {
    return this.#last ?? unplayed;
  }

  /** An error of the last attempt, as its caller is to see it; how far it got is in the log then. */
  own(error: unknown): unknown {
    return this.#last?.own(error) ?? error;
  }

  play(attempt: Attempt, log: AttemptLog): PromiseLike<unknown> {
    const mine = this.#begin(log, false);
    log.phase = 'statement';
    const isWaiting = attempt.abandonable || this.settling.connectPatience !== undefined;
    if (gathered.has(this.params.operation)) {
      if (isWaiting) mine.sendAll = sendTogether;
      return mine.sendApart();
    }
    const mayBegin = this.params.model !== undefined && this.intent() === 'write';
    return isWaiting || mayBegin ? new Session(mine, attempt).within(mine) : mine.sendApart();
  }

  /** In a transaction, since only a transaction can be asked about. */
  playOnce(attempt: Attempt, log: AttemptLog): Promise<unknown> {
    const mine = this.#begin(log, true);
    const session = new Session(mine, attempt);
    return sendUnit(() => session.run(() => mine.begin()), log, session);
  }

  #begin(log: AttemptLog, isOnce: boolean): OperationAttempt {
    const mine = new OperationAttempt(this, log, this.#count(), isOnce);
    this.#last = mine;
    return mine;
  }
}

/** Only attempts at gathered operations are given this, so that all who share are such. */
const sendTogether: Follower['sendAll'] = (all, load) =>
  shareSession(all as readonly OperationAttempt[]).run(load);

/** Of a shot that was not let in: anything may have happened, as far as can be seen from here. */
const unplayed = Object.freeze({ done: false, abandoned: false, sent: () => true });

/** One attempt at it, which is what its session is for. */
class OperationAttempt extends Following implements Errand {
  readonly #operation: Operation;
  readonly log: AttemptLog;
  readonly settling: Settling;
  readonly left: Errand['left'];
  readonly #isOnce: boolean;

  constructor(operation: Operation, log: AttemptLog, left: Errand['left'], isOnce: boolean) {
    super(operation.params);
    this.#operation = operation;
    this.log = log;
    this.settling = operation.settling;
    this.left = left;
    this.#isOnce = isOnce;
  }

  get abandoned(): boolean {
    return this.log.abandoned;
  }

  once(): boolean {
    return this.#isOnce;
  }

  onlyRead(): boolean {
    return !this.#isOnce && intentOf(this.params) === 'read';
  }

  /** Sends it in the session that it is called in. */
  send(): PromiseLike<unknown> {
    const begun = this.begin();
    return this.#operation.isBare ? started(begun) : this.#owning(begun);
  }

  // Apart, since what its closure remembers is allocated where it is called.
  #owning(begun: PromiseLike<unknown>): PromiseLike<unknown> {
    return begun.then(undefined, (error: unknown) => {
      throw this.own(error);
    });
  }

  own(error: unknown): unknown {
    noteTrace(error, this.log);
    return carried(error) ?? this.session?.own(error) ?? error;
  }

  /** On no session's account. */
  sendApart(): PromiseLike<unknown> {
    return Session.current() === undefined ? this.send() : this.#sendOutside();
  }

  // Apart, since what its closure remembers is allocated where it is called.
  #sendOutside(): PromiseLike<unknown> {
    return apart(() => this.send());
  }
}
