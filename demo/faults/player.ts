/** The fault player does what the schedule says, when it says it, to the servers and to the connections. */
import type { InjectedFault } from '@carom/testing';
import type { ScheduledFault } from '../schedule.js';
import { giftCardInsert } from '../shop/statements.js';
import type { Stage } from '../stage.js';
import { Flow } from './flow.js';
import { type Cut, cuts, type FaultKind } from './kinds.js';
import { playServerFault } from './server-faults.js';

/** What the player tells of a fault. Times in ms from the beginning of the run. */
export interface PlayedFault {
  readonly kind: FaultKind;
  readonly from: number;
  /** When the server was back; the same as `from` where it was never away. */
  readonly until: number;
}

export interface FaultWatcher {
  /** A fault begins. */
  began(kind: FaultKind): void;
  /** A fault is over. */
  played(fault: PlayedFault): void;
  /** Opposed transfers are wanted, now. */
  deadlock(index: number): void;
}

/**
 * How long a cut waits for a statement to hit, and after how long it tries again when there was none, in ms. A cable is pulled
 * at some moment: it does not lie in wait for the one statement by which a client finds out whether the server is back.
 */
const cutWaits = 300;
const cutRests = 300;

/** Plays one schedule against one stage. */
export class FaultPlayer {
  readonly #stage: Stage;
  readonly #watcher: FaultWatcher;
  readonly #now: () => number;
  readonly #timers: Set<NodeJS.Timeout> = new Set();
  readonly #armed: Set<InjectedFault> = new Set();
  /** Faults of the server come one after another: there is one server. */
  #lane: Promise<void> = Promise.resolve();
  readonly #flow: Flow;
  #failure: unknown;

  constructor(stage: Stage, watcher: FaultWatcher, now: () => number) {
    this.#stage = stage;
    this.#watcher = watcher;
    this.#now = now;
    this.#flow = new Flow(stage.proxy);
  }

  start(schedule: readonly ScheduledFault[]): void {
    for (const [index, fault] of schedule.entries()) {
      this.#after(fault.at - this.#now(), () => this.#play(fault, index));
    }
  }

  /**
   * Waits for the faults that have begun, and disarms the others.
   *
   * @throws what a fault of the server failed with: the demo is worth nothing then
   */
  async finish(): Promise<void> {
    this.#flow.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const fault of this.#armed) fault.withdraw();
    await this.#lane;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }

  #play(fault: ScheduledFault, index: number): void {
    const { kind } = fault;
    const cut = cuts[kind];
    if (cut !== undefined) {
      this.#cut(kind, cut);
    } else if (kind === 'deadlock') {
      this.#mark(kind);
      this.#watcher.deadlock(index);
    } else {
      this.#lane = this.#lane.then(() => this.#playServerFault(fault));
    }
  }

  #cut(kind: FaultKind, { target, when, how }: Cut): void {
    const again = (): void => this.#after(cutRests, () => this.#cut(kind, { target, when, how }));
    if (!this.#flow.atWork) {
      again();
      return;
    }
    const at = target === 'commit' ? 'COMMIT' : { matches: giftCardInsert };
    const armed = this.#stage.proxy.inject({ kind: 'cut', at, when, how });
    this.#armed.add(armed);
    this.#after(cutWaits, () => {
      if (armed.count > 0) return;
      this.#armed.delete(armed);
      armed.withdraw();
      again();
    });
    armed.fired.then(
      () => this.#mark(kind),
      () => undefined, // It was withdrawn.
    );
  }

  #mark(kind: FaultKind): void {
    const from = this.#now();
    this.#watcher.began(kind);
    this.#watcher.played({ kind, from, until: from });
  }

  async #playServerFault(fault: ScheduledFault): Promise<void> {
    if (this.#failure !== undefined) return;
    const { kind } = fault;
    const from = this.#now();
    this.#watcher.began(kind);
    try {
      await playServerFault(this.#stage, fault);
      const until = kind === 'kill-backends' ? from : this.#now();
      this.#watcher.played({ kind, from, until });
      // The next promotion needs a standby: the former primary comes back as one.
      if (kind === 'promote') await this.#stage.cluster.rejoin();
    } catch (error) {
      this.#failure = error;
    }
  }
}
