/** Turns are how shots that met contention are played again: two at a time, first come first served (retry). */
import { type Clock, chanceOf, type Millis, type Random, type Timer } from '../clock.js';
import { Parking } from '../parking.js';
import { announce } from '../telemetry/announce.js';
import { decided } from '../telemetry/decided.js';
import type { AttemptStarted } from '../telemetry/events.js';
import { Intensity, type Work } from './intensity.js';

/** Proof that one has a turn; 0 for none. */
export type Turn = number;

/** A shot that waits for its turn. */
export interface Contender {
  /** How long it may wait, in ms. */
  readonly patience: Millis;
  /** Ends its waiting. */
  readonly leaving: AbortSignal | undefined;
  /** So long it has waited already; the wait for the turn is added. */
  waited: Millis;
}

const late: Error = new Error('late');

/** So long waits who has not met contention itself, in ms: as long as the longest delay of who has. */
const longestFirst: Millis = 1_000;

/**
 * So many have a turn at a time. One alone leaves the server idle while its answers travel, and three meet again where few rows
 * are hot (measured through pg, 20 callers on two hot rows: 840 transactions a second with one, 937 with two, 857 with three).
 */
const atOnce = 2;

/**
 * Losers of a conflict who all come back at once meet again; told to wait for some time, they leave the winner's rows idle. A
 * turn guesses no time: it comes when one before is over. So transactional memories schedule conflicts too (Yoo and Lee,
 * "Adaptive Transaction Scheduling", SPAA 2008).
 */
export class Turns {
  /** Of which kinds take turns even those who have not met contention themselves. */
  readonly intensity: Intensity;
  readonly #clock: Clock;
  readonly #longest: Millis;
  readonly #queue: Parking;
  #last: Turn = 0;
  /** Who has one; the oldest comes first. */
  readonly #taken: Set<Turn> = new Set();
  #timer: Timer | undefined;

  /** @param longest after so many ms the next one has a turn all the same: what is long need not be what the others met. */
  constructor(clock: Clock, longest: Millis) {
    this.intensity = new Intensity(clock);
    this.#clock = clock;
    this.#longest = longest;
    this.#queue = new Parking(clock, () => this.#disarm());
  }

  /** Whether all are taken: the next one waits. */
  get isTaken(): boolean {
    return this.#taken.size >= atOnce;
  }

  /** Whether work takes its turn before it is played for the first time. */
  isFor(work: Work, random: Random): boolean {
    const share = this.intensity.shareOf(work);
    return share > 0 && chanceOf(random) < share;
  }

  /**
   * The turn of one that has not met contention itself; 0 where it does not come soon: it need not be in anybody's way.
   * @param attempt what is told of it while it waits.
   * @throws the reason of the signal as soon as that aborts.
   */
  async takeFirst(shot: Contender, attempt: () => AttemptStarted): Promise<Turn> {
    if (!this.isTaken) return this.take(shot, longestFirst);
    const why = 'others of its kind meet contention';
    announce('shotParked', () => ({ ...attempt(), ...decided('wait', why) }));
    const turn = await this.take(shot, longestFirst);
    const { waited } = shot;
    const decision = decided('admit', turn === 0 ? 'it has waited long enough' : 'its turn');
    announce('shotReleased', () => ({ ...attempt(), waited, ...decision }));
    return turn;
  }

  /**
   * Takes a turn, after waiting for it; 0 where it did not come in time.
   * @param most how long it waits at most, in ms. Default: as long as its patience.
   * @throws the reason of the signal as soon as that aborts.
   */
  async take(shot: Contender, most: Millis = shot.patience): Promise<Turn> {
    if (!this.isTaken) return this.#next();
    const since = this.#clock.now();
    const patience = Math.min(shot.patience, most);
    const turn = this.#queue.wait(patience, shot.leaving, () => late);
    this.#arm();
    try {
      return await turn;
    } catch (reason) {
      if (reason !== late) throw reason;
      return 0;
    } finally {
      shot.waited += this.#clock.now() - since;
    }
  }

  /** It is over; harmless where there was none, or it has passed on because it lasted too long. */
  giveBack(turn: Turn = 0): void {
    if (this.#taken.delete(turn)) this.#pass();
  }

  #pass(): void {
    this.#disarm();
    const turn = this.#next();
    if (this.#queue.admitNext(turn)) this.#arm();
    else this.#taken.delete(turn);
  }

  /** The oldest passes on, although it is not over. */
  readonly #lapse = (): void => {
    const [oldest] = this.#taken;
    this.giveBack(oldest);
  };

  #next(): Turn {
    this.#last += 1;
    this.#taken.add(this.#last);
    return this.#last;
  }

  #arm(): void {
    if (this.#queue.size > 0) this.#timer ??= this.#clock.after(this.#longest, this.#lapse);
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
