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
    inner = () => within(around, told, next);
  }
  return inner();
}

type End<T> = { readonly value: T } | { readonly error: unknown };

function within<T>(around: AttemptAround, event: AttemptStarted, play: () => T): T {
  let end: End<T> | undefined;
  const once = (): End<T> => {
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
  const it = once();
  if ('error' in it) throw it.error;
  return it.value;
}

function endOf<T>(play: () => T): End<T> {
  try {
    return { value: play() };
  } catch (error) {
    return { error };
  }
}
