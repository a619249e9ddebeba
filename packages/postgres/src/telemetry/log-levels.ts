/** Log levels: how loud each event of the scoreboard (telemetry) is in a log, and what it says. */
import type { Events } from './scoreboard.js';

/** The levels of pino, and of most others. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One event in a log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Whether it is logged by itself; what every shot does only where it is sampled. */
  readonly silent?: true;
}

const line = (level: LogLevel, message: string): LogLine => ({ level, message });
const silent = (message: string): LogLine => ({ level: 'debug', message, silent: true });

/** For every event. A failure that is the caller's business (a duplicate key) is not louder than a retry. */
export const logLines: Readonly<Record<keyof Events, LogLine>> = {
  shotStarted: silent('shot started'),
  attemptStarted: silent('attempt started'),
  attemptEnded: silent('attempt ended'),
  shotCompleted: silent('shot completed'),
  shotRetry: line('warn', 'attempt failed, it is played again'),
  shotFailed: line('warn', 'shot failed'),
  shotTimeout: line('warn', 'a clock ran out'),
  shotParked: line('info', 'shot waits to be let in'),
  shotReleased: line('info', 'shot was let in'),
  shotRejected: line('warn', 'shot was not let in'),
  budgetExhausted: line('warn', 'the retry budget is used up'),
  fallbackUsed: line('warn', 'a fallback answered'),
  circuitOpened: line('error', 'circuit opened'),
  circuitHalfOpened: line('info', 'circuit half-opened'),
  circuitClosed: line('info', 'circuit closed'),
  circuitIsolated: line('error', 'circuit isolated'),
  outcomeResolved: line('warn', 'a lost COMMIT was settled'),
  outcomeUnknown: line('error', 'nobody can say whether a write was done'),
  connectionDiscarded: line('info', 'connection thrown away'),
  poolDrained: line('warn', 'pool drained'),
};
