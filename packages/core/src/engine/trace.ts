/** A trace of a shot on the tracing channel `carom:shot`, as Node defines its five events (telemetry). */
import { shotTracing } from '../telemetry/channels.js';
import { withError } from '../telemetry/error-field.js';
import type { ShotEvent } from '../telemetry/events.js';
import type { Course } from './course.js';

/** What the five events have in common: one object per shot. No result: rows are the caller's. */
interface ShotTrace extends ShotEvent {
  /** Played so far. */
  attempts: number;
  readonly error?: unknown;
}

/** Plays a shot with its trace: within the stores that are bound to `start`, as Node's `tracePromise` does. */
export function traced<T>(course: Course<T>, play: () => Promise<T>): Promise<T> {
  const trace: ShotTrace = { ...course.who, attempts: 0 };
  const over = (): void => {
    trace.attempts = course.attempts;
    shotTracing.asyncStart.publish(trace);
    shotTracing.asyncEnd.publish(trace);
  };
  const played = shotTracing.start.runStores(trace, play);
  shotTracing.end.publish(trace);
  return played.then(
    (value) => {
      over();
      return value;
    },
    (error: unknown) => {
      withError(trace, error);
      shotTracing.error.publish(trace);
      over();
      throw error;
    },
  );
}

/** The same of a synchronous shot, which has no `asyncStart` and no `asyncEnd`. */
export function tracedSync<T>(course: Course<T>, play: () => T): T {
  const trace: ShotTrace = { ...course.who, attempts: 0 };
  return shotTracing.start.runStores(trace, () => {
    try {
      return play();
    } catch (error) {
      withError(trace, error);
      shotTracing.error.publish(trace);
      throw error;
    } finally {
      trace.attempts = course.attempts;
      shotTracing.end.publish(trace);
    }
  });
}
