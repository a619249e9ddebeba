/** Turns are how shots that met contention are played again: one after the other, first come first served (retry). */
import type { Clock, Millis, Random, Timer } from '../clock.js';
import { Parking } from '../parking.js';
import { announce } from '../telemetry/announce.js';
import { decided } from '../telemetry/decided.js';
import type { AttemptStarted } from '../telemetry/events.js';
import { Intensity, type Work } from './intensity.js';

/** Proof that it is somebody's turn; 0 for none. */
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
 * Losers of a conflict who all come back at once meet again; told to wait for some time, they leave the winner's rows idle. A
 * turn guesses no time: it comes when the one before is over. So transactional memories schedule conflicts too (Yoo and Lee,
 * "Adaptive Transaction Scheduling", SPAA 2008).
 */
export class Turns {
  /** Of which kinds take turns even those who have not met contention themselves. */
  readonly intensity: Intensity;
  readonly #clock: Clock;
  readonly #longest: Millis;
  readonly #queue: Parking;
  #last: Turn = 0;
  /** Whose turn it is; 0 for nobody's. */
  #current: Turn = 0;
  #timer: Timer | undefined;

  /** @param longest after so many ms the next one's turn comes all the same: what is long need not be what the others met. */
  constructor(clock: Clock, longest: Millis) {
    this.intensity = new Intensity(clock);
    this.#clock = clock;
    this.#longest = longest;
    this.#queue = new Parking(clock, () => this.#disarm());
  }

  /** Whether it is somebody's turn: the next one waits. */
  get isTaken(): boolean {
    return this.#current !== 0;
  }

  /** Whether work takes its turn before it is played for the first time. */
  isFor(work: Work, random: Random): boolean {
    const share = this.intensity.shareOf(work);
    return share > 0 && random() < share;
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
    if (this.#current === 0) return this.#next();
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
  giveBack(turn: Turn | undefined): void {
    if (turn === this.#current) this.#pass();
  }

  readonly #pass = (): void => {
    this.#disarm();
    if (!this.#queue.admitNext(this.#next())) this.#current = 0;
    else this.#arm();
  };

  #next(): Turn {
    this.#last += 1;
    this.#current = this.#last;
    return this.#current;
  }

  #arm(): void {
    if (this.#queue.size > 0) this.#timer ??= this.#clock.after(this.#longest, this.#pass);
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
