/** Acquiring is waiting for a connection, for one's turn to ask the pool or while it is made: never for ever. */
import { CaromError, type Millis, systemClock } from '@carom/core';
import { noAnswer, within } from '../commit/line.js';
import type { AttemptLog } from '../unit/attempt-log.js';
import type { WaitingRoom } from './waiting-room.js';

/** How long a pool without a limit of its own may take to give a connection, in ms: `pg` waits for ever by default. */
const connectPatience: Millis = 10_000;

/** What is needed of a `pg.Pool`, or of settings that one is made with. */
export interface Boundable {
  readonly options?: { connectionTimeoutMillis?: unknown } | null | undefined;
}

/**
 * Gives a pool that would wait for ever a limit of its own: only the pool can end a connection that is being made, and free
 * its place. A limit that it has stays.
 */
export function boundPool({ options }: Boundable, limit: Millis = connectPatience): void {
  if (!options || options.connectionTimeoutMillis || Object.isFrozen(options)) return;
  options.connectionTimeoutMillis = limit;
}

/** How to wait for a connection. */
export interface Acquiring<T> {
  readonly room: WaitingRoom;
  /** The caller's limit, in ms; undefined leaves it to the pool. */
  readonly limit: Millis | undefined;
  /** The pool's own limit on waiting in its queue, in ms. */
  readonly queueLimit: Millis | undefined;
  /** Asks the pool. */
  ask(): Promise<T>;
  /** How it ends in the pool's queue when its own limit is over. */
  askLate(): Promise<T>;
  /** Whether every connection that the pool may have is at work; asked when the caller's time is over. */
  isBusy(): boolean;
  /** Puts back a connection that came too late. */
  giveBack(connection: T): void;
}

/**
 * Waits for a connection.
 * @throws {CaromError} `CAROM_POOL_TIMEOUT` when none was free in time, `CAROM_CONNECT_TIMEOUT` when none was made in time.
 */
export async function acquire<T>(acquiring: Acquiring<T>, log: AttemptLog): Promise<T> {
  const { room, limit } = acquiring;
  if (room.tryAsk()) return await asked(acquiring, limit, log);
  const since = systemClock.now();
  const came = await turn(acquiring, log);
  if (!came && limit === undefined) return await acquiring.askLate();
  if (!came) throw poolTimeout(limit ?? 0);
  return await asked(
    acquiring,
    limit === undefined ? undefined : limit - (systemClock.now() - since),
    log,
  );
}

/** Whether it comes in time. */
function turn<T>({ room, limit, queueLimit }: Acquiring<T>, log: AttemptLog): Promise<boolean> {
  return new Promise((resolve, reject) => {
    room.wait(
      {
        limit: limit ?? queueLimit,
        come: () => resolve(true),
        late: () => resolve(false),
        calledBack: reject,
      },
      log,
    );
  });
}

async function asked<T>(
  { room, ask, limit, isBusy, giveBack }: Acquiring<T>,
  left: Millis | undefined,
  log: AttemptLog,
): Promise<T> {
  const answer = ask().then(
    (connection) => {
      room.answered();
      return connection;
    },
    (error: unknown) => {
      room.failed(error, log);
      throw error;
    },
  );
  if (left === undefined || limit === undefined) return await answer;
  const connection = await within(answer, left, systemClock);
  if (connection !== noAnswer) return connection;
  answer.then(giveBack, () => {});
  throw isBusy()
    ? poolTimeout(limit)
    : new CaromError('CAROM_CONNECT_TIMEOUT', `no connection was made within ${limit} ms`);
}

function poolTimeout(limit: Millis): CaromError {
  return new CaromError(
    'CAROM_POOL_TIMEOUT',
    `no connection of the pool was free within ${limit} ms`,
  );
}
