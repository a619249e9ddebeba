/** Around an attempt: what tracers need to make a span the async context of what the attempt does (telemetry). */
import { board } from './board.js';
import type { AttemptAround, AttemptStarted } from './events.js';

/** Plays an attempt within all that stands around it. */
export function playWithin<T>(event: () => AttemptStarted, play: () => T): T {
  if (board.around.size === 0) return play();
  const told = Object.freeze(event());
  let inner = play;
  for (const around of board.around) {
    const next = inner;
    inner = () => new Inner(next).within(around, told);
  }
  return inner();
}

/** What is played within one of them: once, whatever that does. */
class Inner<T> {
  readonly #play: () => T;
  #state: 'waiting' | 'returned' | 'thrown' = 'waiting';
  #end: unknown;

  constructor(play: () => T) {
    this.#play = play;
  }

  within(around: AttemptAround, event: AttemptStarted): T {
    try {
      around(event, () => this.#once());
    } catch {
      // Dropped, as of every listener.
    }
    this.#once();
    if (this.#state === 'thrown') throw this.#end;
    return this.#end as T;
  }

  #once(): void {
    if (this.#state !== 'waiting') return;
    // First, since it may be asked for once more while it is played.
    this.#state = 'returned';
    try {
      this.#end = this.#play();
    } catch (error) {
      this.#state = 'thrown';
      this.#end = error;
    }
  }
}
