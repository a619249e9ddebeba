/** Around an attempt: what tracers need to make a span the async context of what the attempt does (telemetry). */
import { board } from './board.js';
import type { AttemptAround, AttemptStarted } from './events.js';

/** Whether anything does. */
export function isSurrounded(): boolean {
  return board.around.size > 0;
}

/** Plays an attempt within all that stands around it. */
export function playWithin<T>(event: () => AttemptStarted, play: () => T): T {
  if (!isSurrounded()) return play();
  const told = Object.freeze(event());
  let inner = play;
  for (const around of board.around) {
    const next = inner;
    inner = () => within(around, told, next);
  }
  return inner();
}

function within<T>(around: AttemptAround, event: AttemptStarted, play: () => T): T {
  let end: (() => T) | undefined;
  const once = (): (() => T) => {
    end ??= endOf(play);
    return end;
  };
  try {
    around(event, () => {
      once();
    });
  } catch {
    // Dropped, as of every listener.
  }
  return once()();
}

/** What came of it, to be had again. */
function endOf<T>(play: () => T): () => T {
  try {
    const value = play();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
