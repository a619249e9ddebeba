/** The question of a prober: whether the server of a datasource is there, and is one that can be worked with. */
import { type Clock, isCaromError, type Millis, type Timer } from '@carom/core';
import { classify } from '../classify/classify.js';
import { type Connect, noAnswer, type OwnClient, onLine } from '../commit/line.js';
import { ask, type WireClient } from '../commit/wire.js';

/** Which server a datasource needs: one that takes writes, or any. */
export type Target = 'writer' | 'any';

/** The answer, and what there is to say about it. */
export interface Finding {
  readonly isUp: boolean;
  readonly why: string;
  /** Nobody was asked: there is no way to connect beside the client. */
  readonly isMute?: boolean;
}

/** A pooler may accept and hang; so long an answer may take, in ms, connecting and all. */
const longestQuestion: Millis = 2_000;

const sql =
  "SELECT pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on'";

/** Asks once, on a new connection, so that a name that leads elsewhere now is resolved again. Never throws. */
export async function askServer(connect: Connect, target: Target, clock: Clock): Promise<Finding> {
  try {
    const answer = await onLine(unheld(connect), longestQuestion, unheldClock(clock), (client) =>
      ask(client, sql),
    );
    if (answer === noAnswer) return { isUp: false, why: `no answer in ${longestQuestion} ms` };
    const isReadOnly = answer.rows[0]?.[0] === 't';
    if (isReadOnly && target === 'writer') return { isUp: false, why: 'it takes no writes' };
    return { isUp: true, why: 'it answers' };
  } catch (error) {
    if (isCaromError(error)) return { isUp: false, why: error.message, isMute: true };
    const { kind, code, reason } = classify(error, { phase: 'connect' });
    // Whoever refuses a login, or is full, is there: the callers get to hear of it themselves.
    const isUp = kind !== 'outage' && kind !== 'stale' && kind !== 'cancelled';
    return { isUp, why: code === undefined ? reason : `${code}: ${reason}` };
  }
}

/** A connection that keeps no process alive. */
function unheld(connect: Connect): Connect {
  return (begun) =>
    connect((client: OwnClient) => {
      unref(client);
      begun?.(client);
    });
}

function unref({ connection }: WireClient): void {
  const wire = connection as { stream?: { unref?(): unknown } } | undefined;
  wire?.stream?.unref?.();
}

function unheldClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    block: (delay) => clock.block(delay),
    after(delay, callback): Timer {
      const timer = clock.after(delay, callback);
      timer.unref();
      return timer;
    },
  };
}
